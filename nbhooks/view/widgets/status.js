// Shows what a session is doing, in words, with a button that stops it; reports when the page is ready.
export default {
  render({ model, el }) {
    const line = document.createElement("div");
    line.setAttribute("role", "status");
    line.classList.add("nbhooks-status");
    const stop = document.createElement("button");
    stop.type = "button";
    stop.title = "End the session after the step at hand, as a hook that requests a stop does";
    el.classList.add("nbhooks-head");
    el.append(line, stop);
    const draw = () => {
      line.dataset.state = model.get("state");
      line.textContent = model.get("text");
      stop.hidden = !model.get("can_stop");
      if (stop.hidden) release();
    };
    const release = () => {
      stop.disabled = false;
      stop.textContent = "Stop";
    };
    const submit = () => {
      // Until the training thread has carried it out: a long step may stand before that.
      stop.disabled = true;
      stop.textContent = "Stopping …";
      model.send({ type: "stop" });
    };
    // In JupyterLab a key that reaches the notebook acts on the cell: d d deletes it.
    const keep = (event) => event.stopPropagation();
    const hear = (content) => {
      if (content.type === "text") line.textContent = content.text;
    };
    release();
    draw();
    stop.addEventListener("click", submit);
    stop.addEventListener("keydown", keep);
    model.on("change", draw);
    model.on("msg:custom", hear);
    model.send({ type: "ready" });
    return () => {
      model.off("change", draw);
      model.off("msg:custom", hear);
    };
  },
};
