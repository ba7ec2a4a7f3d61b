"use strict";
// The viewer of a page: CT, outline of the nodes and heat map in three planes, drawn by NiiVue.
// What it shows stands in the page (#data): {scenes, nodes}. A scene that is not there is asked from the
// page's own server. By the event "nodelens-node" on the document it says which node the picture shows; -1 while none.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const canvas = find("canvas");
  const nv = new niivue.Niivue({
    backColor: [0, 0, 0, 1],
    crosshairColor: [0.42, 0.71, 1, 0.55],
    crosshairWidthUnit: "mm",
    crosshairWidth: 0.3,
    crosshairGap: 20,
    fontColor: [0.94, 0.95, 0.96, 1],
    isRadiologicalConvention: true,
    sagittalNoseLeft: true,
    showAllOrientationMarkers: true,
    multiplanarLayout: 3,
    multiplanarShowRender: 0,
    multiplanarPadPixels: 4,
    multiplanarEqualSize: true,
    isRuler: false,
    dragAndDropEnabled: false,
    clipPlaneHotKey: "",
    cycleClipPlaneHotKey: "",
    viewModeHotKey: "",
    loadingText: "",
    logLevel: "error",
  });
  const state = { node: -1, seen: -1, turn: 0, scene: null, heights: {}, warm: true };

  const fail = (text) => {
    find("no-viewer").textContent = text;
    find("no-viewer").hidden = false;
    find("viewer").hidden = true;
  };

  // Patient space of DICOM grows to the left and to the back, that of NIfTI to the right and to the front.
  const toRas = ([x, y, z]) => [-x, -y, z];

  const heat = () => nv.volumes[1];

  async function sceneOf(id) {
    if (data.scenes[id]) return data.scenes[id];
    const answer = await fetch(data.scene_url + id);
    const scene = await answer.json();
    if (!answer.ok || !scene.ct) throw new Error(`the images of this node cannot be had: ${scene.problem ?? "no node lies in the CT"}`);
    return scene;
  }

  async function imagesOf(scene) {
    const [low, high] = find("window").value.split(",").map(Number);
    const image = (base64, options) => niivue.NVImage.loadFromBase64({ base64, name: "image.nii.gz", ...options });
    return {
      ct: await image(scene.ct, { colormap: "gray", cal_min: low, cal_max: high }),
      heat: scene.heat && (await image(scene.heat, { colormap: faint(find("colours").value), cal_min: 0, cal_max: 1 })),
      nodes: await image(scene.nodes),
    };
  }

  function clear() {
    while (nv.volumes.length) nv.removeVolume(nv.volumes[nv.volumes.length - 1]);
    nv.closeDrawing();
    state.scene = null;
  }

  // All at once: at no time are images of two cases in the picture.
  function put(id, scene, images) {
    clear();
    nv.addVolume(images.ct);
    if (images.heat) nv.addVolume(images.heat);
    nv.loadDrawing(images.nodes);
    nv.setDrawColormap({ R: [0, 0], G: [0, 229], B: [0, 255], A: [0, 255], labels: ["", "node"] });
    const lut = nv.drawLut.lut; // Each node has a number of its own, and all have one colour.
    for (let n = 1; n < 256; n++) lut.set([0, 229, 255, 255], 4 * n);
    nv.drawOpacity = 0.01;
    state.scene = id;
    state.heights = scene.heights_mm ?? {};
    nv.updateGLVolume();
  }

  // A colour map whose lower half is more and more transparent, so that the CT stays readable below faint heat.
  function faint(name) {
    const colours = nv.colormap(name); // RGBA of 256 steps
    const steps = [...Array(256).keys()];
    const [R, G, B] = [0, 1, 2].map((channel) => steps.map((n) => colours[4 * n + channel]));
    nv.addColormap(`faint ${name}`, { R, G, B, A: steps.map((n) => Math.min(Math.max(2.4 * (n - 20), 0), 255)), I: steps });
    return `faint ${name}`;
  }

  function drawScale() {
    const context = find("scale").getContext("2d");
    const colours = nv.colormap(find("colours").value);
    const { width, height } = find("scale");
    for (let x = 0; x < width; x++) {
      const at = 4 * Math.round((255 * x) / (width - 1));
      context.fillStyle = `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
      context.fillRect(x, 0, 1, height);
    }
  }

  function applyChoices() {
    find("opacity-shown").textContent = `${find("opacity").value} %`;
    nv.drawRimOpacity = find("outline").checked ? 1 : 0;
    if (heat()) {
      heat().colormap = faint(find("colours").value); // This sets the limits back.
      [heat().cal_min, heat().cal_max] = [0, data.nodes[state.node].peak || 1];
      nv.setOpacity(1, state.warm ? Number(find("opacity").value) / 100 : 0);
    }
    drawScale();
    nv.drawScene();
  }

  function zoom() {
    const factor = Number(find("zoom").value);
    const mm = nv.frac2mm(nv.scene.crosshairPos);
    nv.setPan2Dxyzmm(factor > 1 ? [-mm[0], -mm[1], -mm[2], factor] : [0, 0, 0, 1]);
  }

  // Which node the picture shows, and what it says below; -1 while it shows none.
  function tell(seen, text, label) {
    state.seen = seen;
    find("status").textContent = text;
    canvas.setAttribute("aria-label", label);
    document.dispatchEvent(new CustomEvent("nodelens-node", { detail: { index: seen } }));
  }

  function mark(index) {
    for (const kind of ["row", "node"]) {
      for (const old of document.querySelectorAll(`[id^=${kind}-].current`)) old.classList.remove("current");
      find(`${kind}-${index}`)?.classList.add("current");
    }
    const node = data.nodes[index];
    find("detail").textContent = node.detail;
    find("warnings").replaceChildren(...node.notices.map((text) => {
      const line = document.createElement("p");
      line.className = "banner";
      line.textContent = text;
      return line;
    }));
    const other = "1 (raw Grad-CAM); this node has no heat";
    find("peak").textContent = node.peak > 0 ? `${node.peak.toPrecision(3)}, this node's peak (raw Grad-CAM)` : other;
  }

  // Images come later, and whoever asks for another node meanwhile gets that one.
  async function show(index) {
    const node = data.nodes[index];
    const turn = ++state.turn;
    state.node = index;
    mark(index);
    if (state.scene !== node.scene) {
      tell(-1, `${node.name}: its images are being read`, "No image yet");
      try {
        const scene = await sceneOf(node.scene);
        const images = await imagesOf(scene);
        if (turn !== state.turn) return;
        put(node.scene, scene, images);
      } catch (error) {
        if (turn !== state.turn) return;
        clear();
        nv.drawScene();
        tell(-1, `${node.name}: ${error.message}`, "No image");
        return;
      }
    }
    const [x, y, z] = node.point_mm;
    // By the CT's own axes (true): else NiiVue takes an oblique CT for one along the patient's axes.
    nv.scene.crosshairPos = nv.mm2frac(toRas([x, y, state.heights[node.label] ?? z]), 0, true);
    zoom();
    applyChoices();
    tell(index, node.summary, `CT in three planes with outline and heat map, centred on: ${node.summary}`);
  }

  // Next and previous go in the order of the table, as it is sorted.
  const order = () => {
    const rows = [...document.querySelectorAll(".jump")].map((button) => Number(button.dataset.node));
    return rows.length ? rows : data.nodes.map((_, index) => index);
  };
  const step = (by) => {
    const places = order();
    return show(places[(places.indexOf(state.node) + by + places.length) % places.length]);
  };

  const toggle = (id) => find(id).click();
  const zoomBy = (by) => {
    find("zoom").stepUp(by);
    zoom();
  };
  const anywhere = {
    n: () => step(1),
    p: () => step(-1),
    o: () => toggle("outline"),
    h: () => { state.warm = !state.warm; applyChoices(); },
  };
  const inPicture = {
    ArrowLeft: () => nv.moveCrosshairInVox(1, 0, 0), // The patient's right is on the left.
    ArrowRight: () => nv.moveCrosshairInVox(-1, 0, 0),
    ArrowUp: () => nv.moveCrosshairInVox(0, 1, 0),
    ArrowDown: () => nv.moveCrosshairInVox(0, -1, 0),
    PageUp: () => nv.moveCrosshairInVox(0, 0, 1),
    PageDown: () => nv.moveCrosshairInVox(0, 0, -1),
    "+": () => zoomBy(1),
    "-": () => zoomBy(-1),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, input:not([type=checkbox], [type=range])");
    const own = event.target === canvas;
    const action = (own && inPicture[event.key]) || (!typing && anywhere[event.key]);
    if (own) event.stopPropagation(); // NiiVue has other keys.
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
  }, true);

  function listen() {
    for (const id of ["opacity", "colours", "outline"]) find(id).addEventListener("input", applyChoices);
    find("opacity").addEventListener("input", () => { state.warm = true; applyChoices(); });
    find("zoom").addEventListener("input", zoom);
    find("planes").addEventListener("change", () => nv.setSliceType(Number(find("planes").value)));
    find("window").addEventListener("change", () => {
      [nv.volumes[0].cal_min, nv.volumes[0].cal_max] = find("window").value.split(",").map(Number);
      nv.updateGLVolume();
    });
    for (const button of document.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => step(Number(button.dataset.step)));
    }
    for (const button of document.querySelectorAll(".jump")) {
      button.addEventListener("click", () => show(Number(button.dataset.node)));
    }
  }

  async function start() {
    if (!data.nodes.length) return;
    if (!document.createElement("canvas").getContext("webgl2")) {
      fail("This browser has no WebGL 2, which the viewer needs; the pictures of the nodes are below.");
      return;
    }
    find("viewer").hidden = false;
    await nv.attachToCanvas(canvas);
    nv.setSliceType(3);
    listen();
    await show(Math.max(data.nodes.findIndex((node) => node.said === null), 0));
    document.body.dataset.ready = "yes";
  }
  window.nodelens = { nv, show, step, get node() { return state.node; }, get seen() { return state.seen; } };
  start().catch((error) => fail(`The viewer did not start: ${error.message}`));
})();
