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
    // A key pressed on the button would act on the cell, too: d d deletes it. Lumino sees a key before the
    // button does, and ignores it where the element that has the focus has this attribute.
    stop.dataset.lmSuppressShortcuts = "true";
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
    const receive = (content) => {
      if (content.type === "text") line.textContent = content.text;
    };
    release();
    draw();
    stop.addEventListener("click", submit);
    model.on("change", draw);
    model.on("msg:custom", receive);
    model.send({ type: "ready" });
    return () => {
      model.off("change", draw);
      model.off("msg:custom", receive);
    };
  },
};
