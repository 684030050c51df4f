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
    const hear = (content) => {
      if (content.type === "text") line.textContent = content.text;
    };
    draw();
    model.on("change", draw);
    model.on("msg:custom", hear);
    model.send({ type: "ready" });
    return () => {
      model.off("change", draw);
      model.off("msg:custom", hear);
    };
  },
};
