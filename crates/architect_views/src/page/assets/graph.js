// Layouts of diagrams: where boxes and lines go. Pure functions; `diagrams.js` draws what they return.

/**
 * A graph in layers, from left to right (Sugiyama's method: no cycles, longest paths, few crossings, straight lines).
 *
 * `sizes` are `{ width, height }` of boxes, `edges` pairs of their numbers. Returns the boxes with `x` and `y` of their
 * upper left corners, the points of each edge, and the size of the whole.
 */
function layered(sizes, edges, { across = 84, between = 14 } = {}) {
  const boxes = sizes.map(({ width, height }) => ({ width, height, rank: 0, x: 0, y: 0 }));
  const forward = withoutCycles(boxes.length, edges);
  rank(boxes, forward);
  // An edge that crosses layers is kept apart from their boxes by a thin one in each.
  const points = [];
  const links = [];
  const long = forward.reduce((sum, [from, to]) => sum + boxes[to].rank - boxes[from].rank - 1, 0);
  forward.forEach(([from, to]) => {
    const route = [from];
    if (long <= 600) {
      for (let step = boxes[from].rank + 1; step < boxes[to].rank; step += 1) {
        boxes.push({ width: 0, height: 2, rank: step, x: 0, y: 0 });
        route.push(boxes.length - 1);
      }
    }
    route.push(to);
    for (let at = 1; at < route.length; at += 1) links.push([route[at - 1], route[at]]);
    points.push(route);
  });
  const layers = order(boxes, links);
  place(boxes, layers, links, between);
  let x = 0;
  for (const layer of layers) {
    const width = Math.max(0, ...layer.map((number) => boxes[number].width));
    for (const number of layer) boxes[number].x = x;
    x += width + across;
  }
  const top = boxes.reduce((least, box) => Math.min(least, box.y), boxes.length ? Infinity : 0);
  for (const box of boxes) box.y -= top;
  return {
    boxes: boxes.slice(0, sizes.length),
    lines: points.map((route) =>
      route.map((number, index) => {
        const { x: left, y, width: own, height } = boxes[number];
        return [index === 0 ? left + own : left, y + height / 2];
      }),
    ),
    width: Math.max(0, x - across),
    height: Math.max(0, ...boxes.map((box) => box.y + box.height)),
  };
}

/** The edges, those that would close a cycle turned round. */
function withoutCycles(count, edges) {
  const after = Array.from({ length: count }, () => []);
  edges.forEach(([from, to], number) => {
    if (from !== to) after[from].push([to, number]);
  });
  const state = new Uint8Array(count); // 0 not seen, 1 on the way, 2 done
  const turned = new Set();
  for (let start = 0; start < count; start += 1) {
    const way = state[start] ? [] : [[start, 0]];
    if (way.length) state[start] = 1;
    while (way.length) {
      const step = way.at(-1);
      const next = after[step[0]][step[1]];
      step[1] += 1;
      if (!next) {
        state[step[0]] = 2;
        way.pop();
      } else if (state[next[0]] === 1) turned.add(next[1]);
      else if (!state[next[0]]) {
        state[next[0]] = 1;
        way.push([next[0], 0]);
      }
    }
  }
  return edges.map(([from, to], number) => (turned.has(number) ? [to, from] : [from, to]));
}

/** Layers: every box stands right of all that lead to it, and as near to what it leads to as it can. */
function rank(boxes, edges) {
  const after = boxes.map(() => []);
  const waits = boxes.map(() => 0);
  for (const [from, to] of edges)
    if (from !== to) {
      after[from].push(to);
      waits[to] += 1;
    }
  const ready = boxes.map((_, number) => number).filter((number) => !waits[number]);
  const sorted = [];
  while (ready.length) {
    const number = ready.shift();
    sorted.push(number);
    for (const to of after[number]) {
      boxes[to].rank = Math.max(boxes[to].rank, boxes[number].rank + 1);
      waits[to] -= 1;
      if (!waits[to]) ready.push(to);
    }
  }
  const before = boxes.map(() => 0);
  for (const [, to] of edges) before[to] += 1;
  for (const number of sorted.reverse()) {
    if (after[number].length && !before[number])
      boxes[number].rank = Math.min(...after[number].map((to) => boxes[to].rank)) - 1;
  }
}

/** Boxes of each layer, in an order in which few lines cross: each goes to the mean place of its neighbours. */
function order(boxes, links) {
  const layers = [];
  boxes.forEach((box, number) => {
    (layers[box.rank] ??= []).push(number);
  });
  for (let at = 0; at < layers.length; at += 1) layers[at] ??= [];
  const left = boxes.map(() => []);
  const right = boxes.map(() => []);
  for (const [from, to] of links) {
    right[from].push(to);
    left[to].push(from);
  }
  const spot = new Float64Array(boxes.length);
  const renumber = (layer) =>
    layer.forEach((number, index) => {
      spot[number] = index;
    });
  layers.forEach(renumber);
  for (let sweep = 0; sweep < 12; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const want = new Map(
        layer.map((number) => {
          const near = down ? left[number] : right[number];
          return [number, near.length ? near.reduce((sum, other) => sum + spot[other], 0) / near.length : spot[number]];
        }),
      );
      layer.sort((a, b) => want.get(a) - want.get(b) || spot[a] - spot[b]);
      renumber(layer);
    }
  }
  return layers;
}

/** Heights: each box as near to the middle of its neighbours as those above and below it let it be. */
function place(boxes, layers, links, between) {
  const near = boxes.map(() => []);
  for (const [from, to] of links) {
    near[from].push(to);
    near[to].push(from);
  }
  for (const layer of layers) {
    let y = 0;
    for (const number of layer) {
      boxes[number].y = y;
      y += boxes[number].height + between;
    }
  }
  const middle = (number) => boxes[number].y + boxes[number].height / 2;
  for (let round = 0; round < 16; round += 1) {
    for (const layer of round % 2 ? [...layers].reverse() : layers) {
      const wants = layer.map(
        (number) =>
          (near[number].length
            ? near[number].reduce((sum, other) => sum + middle(other), 0) / near[number].length
            : middle(number)) -
          boxes[number].height / 2,
      );
      spread(
        layer.map((number) => boxes[number].height + between),
        wants,
      ).forEach((y, index) => {
        boxes[layer[index]].y = y;
      });
    }
  }
}

/** The places nearest to those wanted (by squares) at which nothing overlaps: pools of neighbours that push each other. */
function spread(heights, wants) {
  const pools = [];
  let offset = 0;
  wants.forEach((want, index) => {
    let pool = { sum: want - offset, count: 1 };
    offset += heights[index];
    while (pools.length && pools.at(-1).sum / pools.at(-1).count > pool.sum / pool.count) {
      const last = pools.pop();
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
    }
    pools.push(pool);
  });
  const out = [];
  offset = 0;
  for (const { sum, count } of pools) {
    for (let index = 0; index < count; index += 1) {
      out.push(sum / count + offset);
      offset += heights[out.length - 1];
    }
  }
  return out;
}

/** A tree from left to right: leaves below each other, a parent beside the middle of its children, or of its first ones
    where there are more than one can see at once. */
function tidyTree(root, { across = 250, between = 10 } = {}) {
  let y = 0;
  let depth = 0;
  const walk = (node, level) => {
    depth = Math.max(depth, level);
    node.x = level * across;
    if (!node.children.length) {
      node.y = y;
      y += node.height + between;
      return;
    }
    const top = y;
    for (const child of node.children) walk(child, level + 1);
    const first = node.children[0];
    const seen = node.children.filter((child) => child.y - top < 520);
    const last = seen.at(-1);
    node.y = (first.y + first.height / 2 + last.y + last.height / 2 - node.height) / 2;
    y = Math.max(y, top + node.height + between);
  };
  walk(root, 0);
  return { height: Math.max(0, y - between), depth };
}

/** A line through points that leaves and arrives level. */
function curve(points) {
  let path = `M${points[0].map(Math.round).join(" ")}`;
  for (let at = 1; at < points.length; at += 1) {
    const [x0, y0] = points[at - 1];
    const [x1, y1] = points[at];
    const bend = Math.max(24, Math.abs(x1 - x0) / 2) * (x1 < x0 ? -1 : 1);
    path += `C${[x0 + bend, y0, x1 - bend, y1, x1, y1].map(Math.round).join(" ")}`;
  }
  return path;
}
