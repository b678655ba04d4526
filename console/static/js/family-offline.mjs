// When the console was last heard, as the service worker has noted it; and back as soon as there is a connection.
const line = document.getElementById("last");
const noted = await (await caches.match("/family/last"))?.json();
if (noted) {
  line.querySelector("strong").textContent = new Date(noted.at).toLocaleString(navigator.language);
  line.hidden = false;
}
window.addEventListener("online", () => location.assign("/family"));
