// The check value of a results sheet; results.py computes the same.
const one = (text) => text.normalize("NFC").trim().replace(/\s+/gu, " ").toLowerCase();
const figures = (text) => one(text).replaceAll(",", ".").replace(/[\u2010-\u2015\u2212]/g, "-").match(/[0-9.]+|-/g) || [];

const checkValue = ({ quiz, name, date, points, total }) => {
  const text = ["almost-allies results 1", one(quiz), one(name), one(date), figures(points).join(" "), figures(total).join(" of ")].join("\n");
  let sum = -1;   // CRC-32
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xEDB88320 & -(sum & 1));
  }
  sum = ~sum >>> 0;
  let value = "";
  for (let place = 0; place < 7; place++, sum = Math.floor(sum / 32)) value = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[sum % 32] + value;
  return `${value.slice(0, 3)}-${value.slice(3)}`;
};
