// The pictures of vehicles, each drawn once: copying a picture is far cheaper than filling its path again.

const SIZE = 32;
const HEADINGS = 72;
const ARROW = new Path2D("M0 -11 L7.5 9 L0 5 L-7.5 9 Z");
const DOT = new Path2D("M6 0 A6 6 0 1 1 -6 0 A6 6 0 1 1 6 0 Z");

export class MarkSprites {
  /** @type {Map<string, HTMLCanvasElement>} */
  #images = new Map();

  /**
   * @param {Record<string, string>} colours by state, and those of `outline` and `halo`
   * @param {number} density device pixels per CSS pixel
   */
  constructor(colours, density) {
    this.colours = colours;
    this.density = density;
  }

  /**
   * @param {string} state
   * @param {number} heading degrees; NaN if unknown
   * @returns {{image: HTMLCanvasElement, size: number}} centred, `size` in CSS pixels
   */
  mark(state, heading) {
    // Colour is never the only sign: a moving vehicle is an arrow, an idle one a dot, an offline one a ring.
    const isArrow = !Number.isNaN(heading) && state === "moving";
    const step = isArrow ? Math.round((heading / 360) * HEADINGS) % HEADINGS : -1;
    const key = `${state} ${step}`;
    const image = this.#images.get(key) ?? this.#draw(state, step);
    this.#images.set(key, image);
    return { image, size: SIZE };
  }

  /** @param {string} state @param {number} step the heading's step, or -1 */
  #draw(state, step) {
    const image = document.createElement("canvas");
    image.width = image.height = Math.ceil(SIZE * this.density);
    const context = /** @type {CanvasRenderingContext2D} */ (image.getContext("2d"));
    context.scale(this.density, this.density);
    context.translate(SIZE / 2, SIZE / 2);
    if (step >= 0) context.rotate((step / HEADINGS) * 2 * Math.PI);
    this.#paint(context, state, step >= 0 ? ARROW : DOT);
    return image;
  }

  /** @param {CanvasRenderingContext2D} context @param {string} state @param {Path2D} shape */
  #paint(context, state, shape) {
    const isHollow = state === "offline";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.colours.outline;
    context.stroke(shape);
    context.fillStyle = isHollow ? this.colours.halo : this.colours[state];
    context.fill(shape);
    if (!isHollow) return;
    context.lineWidth = 2.5;
    context.strokeStyle = this.colours.offline;
    context.stroke(shape);
  }
}
