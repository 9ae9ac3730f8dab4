// Cutting a case down to what still differs in the same way.
'use strict';

const { flatten } = require('./generate.js');
const { difference } = require('./outcome.js');

const ATOMS = ['1', '"a"', 'true', '[]', 'a', '$', ''];
const TRIES_MAX = 600;

// All trees that are one step smaller: a node becomes one of its children, an atom, or goes.
function* smallerTrees(tree) {
    if (typeof tree === 'string') return;
    for (const child of tree) if (typeof child !== 'string') yield child;
    for (let i = 0; i < tree.length; i++) {
        const replaced = (part) => [...tree.slice(0, i), part, ...tree.slice(i + 1)];
        if (typeof tree[i] === 'string') {
            if (tree[i] !== '') yield replaced('');
            continue;
        }
        for (const atom of ATOMS) if (flatten(tree[i]).length > atom.length) yield replaced([atom]);
        for (const smaller of smallerTrees(tree[i])) yield replaced(smaller);
    }
}

function* smallerData(data) {
    if (data === undefined || data === null || typeof data !== 'object') return;
    yield undefined;
    yield null;
    const keys = Object.keys(data);
    for (const key of keys) {
        const without = Array.isArray(data) ? data.filter((_, i) => String(i) !== key) : Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));
        yield without;
        yield data[key];
    }
    for (const key of keys) {
        for (const smaller of smallerData(data[key])) {
            const copy = Array.isArray(data) ? [...data] : { ...data };
            copy[key] = smaller === undefined ? null : smaller;
            yield copy;
        }
    }
}

const textOf = (data) => (data === undefined ? undefined : JSON.stringify(data));
const sizeOf = (one) => flatten(one.tree).length * 1000 + (textOf(one.data) || '').length;

// `run` gives the outcomes of both sides for one case.
async function reduce(first, run) {
    let best = first, tries = 0;
    const wanted = difference(best.js, best.ours);
    for (let improved = true; improved && tries < TRIES_MAX;) {
        improved = false;
        const candidates = function* () {
            for (const tree of smallerTrees(best.tree)) yield { tree, data: best.data };
            for (const data of smallerData(best.data)) yield { tree: best.tree, data };
        };
        for (const candidate of candidates()) {
            if (sizeOf(candidate) >= sizeOf(best)) continue;
            if (++tries > TRIES_MAX) break;
            const [js, ours] = await run({ expression: flatten(candidate.tree), data: textOf(candidate.data) });
            if (difference(js, ours) !== wanted || (js.kind === 'error' && js.code.startsWith('S0') && !(best.js.code || '').startsWith('S0'))) continue;
            best = { ...candidate, js, ours };
            improved = true;
            break;
        }
    }
    return best;
}

module.exports = { reduce, textOf };
