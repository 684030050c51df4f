// Shows what a session is doing, in words, and says hello to the kernel once the page is there.
export default {
  render({ model, el }) {
    const line = document.createElement("div");
    line.setAttribute("role", "status");
    el.classList.add("nbhooks-status");
    el.append(line);
    const draw = () => {
      el.dataset.state = model.get("state");
      line.textContent = model.get("text");
    };
    draw();
    model.on("change", draw);
    model.send({ type: "ready" });
    return () => model.off("change", draw);
  },
};
