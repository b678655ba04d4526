// A button that prints the page; without a printer's dialog in this browser it stays away.
const button = document.getElementById("print");
button.hidden = typeof window.print !== "function";
button.addEventListener("click", () => window.print());
