// Files that are dropped: wherever on the page, or the browser would leave it to open them.

export function takeDrops(area, take) {
  const whenFiles = (handle) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return; // text may be dropped into the box
    event.preventDefault();
    handle(event);
  };
  const show = (isOver) => area.classList.toggle("over-it", isOver);
  document.addEventListener("dragover", whenFiles(() => show(true)));
  document.addEventListener("dragleave", (event) => event.relatedTarget || show(false));
  document.addEventListener(
    "drop",
    whenFiles((event) => {
      show(false);
      take(event.dataTransfer.files[0]);
    }),
  );
}
