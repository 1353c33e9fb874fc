// A widget's state: in the page (localStorage, this browser only) or in a kernel (the object's traits).
// The cores know only get(key), set(key, value), onChange(key, callback) and live.
const pageHost = (storageKey) => {
  const stored = () => {
    try { return Object(JSON.parse(localStorage.getItem(storageKey))); } catch { return {}; /* refused (private mode) or not JSON */ }
  };
  let state = stored();
  const listeners = {};
  return {
    live: false,
    get: (key) => state[key],
    set(key, value) {
      state = { ...state, ...stored(), [key]: value }; // another tab may have written meanwhile
      try { localStorage.setItem(storageKey, JSON.stringify(state)); } catch { /* the page works on, unsaved */ }
      for (const call of listeners[key] || []) call(value);
    },
    onChange(key, call) { (listeners[key] ||= []).push(call); },
  };
};

const modelHost = (model) => ({
  live: true,
  get: (key) => model.get(key),
  set(key, value) { model.set(key, value); model.save_changes(); },
  onChange(key, call) { model.on("change:" + key, () => call(model.get(key))); },
});
