"use strict";
// Light or dark, decided before anything is drawn: as the reader chose, else as
// the system has it.
const theme = {
  choice: "auto",
  system: matchMedia("(prefers-color-scheme: dark)"),
  apply() {
    const dark = this.choice === "dark" || this.choice === "auto" && this.system.matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    dispatchEvent(new Event("themechange"));
  },
  next() {
    this.choice = { auto: "light", light: "dark", dark: "auto" }[this.choice];
    try { localStorage.setItem("theme", this.choice); } catch { /* storage is off: the choice lasts as long as the page */ }
    this.apply();
  },
};
try { theme.choice = { light: "light", dark: "dark" }[localStorage.getItem("theme")] || "auto"; } catch { /* as above */ }
theme.system.addEventListener("change", () => theme.apply());
theme.apply();
