// Stands in for the page until it is there.
export const widget = () => ({ render: ({ model }) => model.send({ type: "ready", page: "stand-in" }) });
