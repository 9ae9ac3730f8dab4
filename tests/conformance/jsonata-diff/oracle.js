// jsonata-js in a thread of its own, since some expressions never end there.
'use strict';

const path = require('path');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { functions } = require('./generate.js');
const { ofValue } = require('./outcome.js');

const PATIENCE_MS = 3000;
const NOW_MS = 1700000000123; // the driver says the same

// The node kinds and functions of an expression, for the table of what was covered.
function kindsOf(tree, found) {
    if (!tree || typeof tree !== 'object') return found;
    if (Array.isArray(tree)) {
        for (const node of tree) kindsOf(node, found);
        return found;
    }
    if (typeof tree.type === 'string') found.add(tree.type === 'binary' || tree.type === 'unary' ? `${tree.type} ${tree.value}` : tree.type);
    if ((tree.type === 'function' || tree.type === 'partial') && tree.procedure && tree.procedure.type === 'variable') found.add(`$${tree.procedure.value}`);
    for (const mark of ['keepArray', 'consarray', 'keepSingletonArray', 'focus', 'index', 'ancestor', 'group', 'predicate', 'stages', 'nextFunction'])
        if (tree[mark] !== undefined) found.add(`+${mark}`);
    for (const key of Object.keys(tree)) if (key !== 'value' || typeof tree.value === 'object') kindsOf(tree[key], found);
    return found;
}

function ofError(error) {
    if (!error || typeof error.code !== 'string') return { kind: 'internal', message: String((error && error.message) || error).slice(0, 100) };
    return { kind: 'error', code: error.code, token: error.token === undefined ? undefined : String(error.token) };
}

// jsonata-js writes the token and place of a call onto the function's object, which all evaluations
// share: without this an error would show what an earlier expression called the function.
async function gatherFunctions(jsonata) {
    const found = await Promise.all(functions.map((name) => jsonata(`$${name}`).evaluate()));
    return () => found.forEach((object) => { delete object.token; delete object.position; });
}

// What is asked for the time is told this one.
function stopClock() {
    const Real = Date;
    globalThis.Date = class extends Real {
        constructor(...given) {
            super(...(given.length > 0 ? given : [NOW_MS]));
        }

        static now() {
            return NOW_MS;
        }
    };
}

async function evaluate(jsonata, one) {
    let kinds = [];
    try {
        const compiled = jsonata(one.expression);
        kinds = [...kindsOf(compiled.ast(), new Set())];
        const data = one.data === undefined ? undefined : JSON.parse(one.data);
        return [ofValue(await compiled.evaluate(data)), kinds];
    } catch (error) {
        return [ofError(error), kinds];
    }
}

if (!isMainThread) {
    const jsonata = require(path.resolve(workerData));
    const forgetful = gatherFunctions(jsonata);
    stopClock();
    parentPort.on('message', async (cases) => {
        const forget = await forgetful;
        for (const one of cases) {
            parentPort.postMessage({ begins: true });
            forget();
            const [outcome, kinds] = await evaluate(jsonata, one);
            parentPort.postMessage({ outcome, kinds });
        }
    });
}

class Oracle {
    constructor(module) {
        this.module = module;
        this.kinds = new Map();
    }

    start() {
        this.worker = new Worker(__filename, { workerData: this.module, resourceLimits: { maxOldGenerationSizeMb: 1024 } });
        this.worker.on('message', (message) => this.receive(message));
        this.worker.on('error', (error) => this.lose({ kind: 'internal', message: String(error.message) }));
    }

    // The outcomes of cases, in their order.
    run(cases) {
        return new Promise((resolve) => {
            this.rest = cases;
            this.outcomes = [];
            this.resolve = resolve;
            this.send();
            this.watch = setInterval(() => {
                if (Date.now() - this.heard > PATIENCE_MS) this.lose({ kind: 'hang' });
            }, 250);
        });
    }

    send() {
        if (!this.worker) this.start();
        this.heard = Date.now();
        this.worker.postMessage(this.rest.slice(this.outcomes.length));
    }

    receive({ outcome, kinds }) {
        this.heard = Date.now();
        if (!outcome) return;
        for (const kind of kinds) this.kinds.set(kind, (this.kinds.get(kind) || 0) + 1);
        this.add(outcome);
    }

    add(outcome) {
        this.outcomes.push(outcome);
        if (this.outcomes.length < this.rest.length) return;
        clearInterval(this.watch);
        this.resolve(this.outcomes);
    }

    // The case at hand took the thread with it.
    lose(outcome) {
        this.worker.removeAllListeners();
        this.worker.on('error', () => {});
        this.worker.terminate();
        this.worker = null;
        this.add(outcome);
        if (this.outcomes.length < this.rest.length) this.send();
    }

    stop() {
        if (this.worker) this.worker.terminate();
    }
}

module.exports = { Oracle };
