// Our JSONata beside jsonata-js 2.0.6 on random expressions and data.
//
// usage: node diff.js [--jsonata MODULE] [--driver PROGRAM] [--count N] [--seed N] [--from N] [--known FILE] [--verbose]
//   --jsonata  the folder of jsonata-js 2.0.6, as from: npm install --prefix build/js jsonata@2.0.6
//   --driver   the program made from driver.c; without it only what the generator makes is counted
//   --from     the number of the first pair: one pair again is --from N --count 1
//
// Prints each difference once, cut down, and a table of what was covered. Exits with 1 where there
// is a difference that the file of known ones does not explain.
'use strict';

const fs = require('fs');
const path = require('path');
const { Random } = require('./random.js');
const { document } = require('./data.js');
const { expression, flatten, functions } = require('./generate.js');
const { Oracle } = require('./oracle.js');
const { Driver } = require('./driver.js');
const { difference, show } = require('./outcome.js');
const { reduce, textOf } = require('./reduce.js');

const BATCH = 500;
const REDUCED_MAX = 500; // of one kind

function readOptions(argv) {
    const options = { jsonata: 'build/js/node_modules/jsonata', driver: null, count: 200000, seed: 1, from: 0, known: path.join(__dirname, 'known.json'), verbose: false };
    for (let i = 0; i < argv.length; i++) {
        const name = argv[i].replace(/^--/, '');
        if (!(name in options) || !argv[i].startsWith('--')) throw new Error(`unknown option ${argv[i]}`);
        options[name] = name === 'verbose' ? true : typeof options[name] === 'number' ? Number(argv[++i]) : argv[++i];
    }
    return options;
}

function makeCase(seed, number) {
    const random = new Random(seed, number);
    const data = document(random);
    const tree = expression(random);
    return { number, tree, data, expression: flatten(tree) };
}

// What is left of an expression without its literals: two of one shape are one difference.
const shapeOf = (text) => text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '"').replace(/\d+(\.\d+)?(e-?\d+)?/g, '0').replace(/`[^`]*`|\b(name|price|qty|id|tags|sub|flag|none|items|né|[abc])\b/g, 'n');

const sent = (one) => ({ expression: one.expression, data: textOf(one.data) });

class Run {
    constructor(options) {
        this.options = options;
        this.oracle = new Oracle(options.jsonata);
        this.driver = options.driver ? new Driver(options.driver) : null;
        this.known = JSON.parse(fs.readFileSync(options.known, 'utf8')).map((entry) => ({ ...entry, pattern: new RegExp(entry.expression || "", "s"), count: 0 }));
        this.counts = {};
        this.found = new Map();
    }

    count(name) {
        this.counts[name] = (this.counts[name] || 0) + 1;
    }

    // The entry of the known differences that explains one; some explain only what was cut down.
    explain(one, how, isReduced) {
        const matches = (wanted, outcome) => wanted === undefined || new RegExp(wanted, 's').test(show(outcome));
        return this.known.find((entry) => (isReduced || !entry.reduced) && (entry.how === undefined || entry.how.split("|").includes(how)) && entry.pattern.test(one.expression) && (entry.data === undefined || new RegExp(entry.data, "s").test(textOf(one.data) || "")) && matches(entry.js, one.js) && matches(entry.ours, one.ours));
    }

    async both(one) {
        const [js, ours] = await Promise.all([this.oracle.run([one]), this.driver.run([one])]);
        return [js[0], ours[0]];
    }

    async note(one, how) {
        this.count(`differs: ${how}`);
        const entry = this.explain(one, how, false);
        if (entry) {
            entry.count++;
            return;
        }
        const kind = `${how}: js ${one.js.kind === 'error' ? one.js.code : one.js.kind}, ours ${one.ours.kind === 'error' ? one.ours.code : one.ours.kind}`;
        const group = this.found.get(kind) || { count: 0, shown: new Map() };
        this.found.set(kind, group);
        if (group.count++ >= REDUCED_MAX && !this.options.verbose) return;
        const least = await reduce(one, (smaller) => this.both(smaller));
        const again = { ...least, expression: flatten(least.tree), number: one.number };
        const reducedEntry = this.explain(again, how, true);
        if (reducedEntry) reducedEntry.count++, group.count--;
        else if (!group.shown.has(shapeOf(again.expression))) group.shown.set(shapeOf(again.expression), again);
    }

    async batch(cases) {
        const [js, ours] = await Promise.all([this.oracle.run(cases.map(sent)), this.driver ? this.driver.run(cases.map(sent)) : null]);
        for (let i = 0; i < cases.length; i++) {
            this.count(`js: ${js[i].kind}`);
            if (js[i].kind === 'error') this.count(`code ${js[i].code}`);
            const how = ours && difference(js[i], ours[i]);
            if (how) await this.note({ ...cases[i], js: js[i], ours: ours[i] }, how);
        }
    }

    async all() {
        const { seed, from, count } = this.options;
        for (let number = from; number < from + count; number += BATCH) {
            const cases = [];
            for (let i = number; i < Math.min(number + BATCH, from + count); i++) cases.push(makeCase(seed, i));
            await this.batch(cases);
            if (process.stderr.isTTY) process.stderr.write(`\r${number - from + cases.length}`);
        }
        this.oracle.stop();
        if (this.driver) this.driver.stop();
    }

    report() {
        const kinds = [...this.oracle.kinds.entries()].sort();
        console.log(`pairs: ${this.options.count}, seed ${this.options.seed}`);
        for (const name of Object.keys(this.counts).sort()) console.log(`  ${name}: ${this.counts[name]}`);
        console.log(`  nodes: ${kinds.filter(([name]) => !name.startsWith('$')).map(([name, n]) => `${name} ${n}`).join(', ')}`);
        console.log(`  functions: ${kinds.filter(([name]) => name.startsWith('$')).map(([name, n]) => `${name} ${n}`).join(', ')}`);
        const missed = functions.filter((name) => !this.oracle.kinds.has(`$${name}`));
        console.log(`  functions never called: ${missed.join(', ') || 'none'}`);
        for (const entry of this.known) console.log(`known: ${entry.name}: ${entry.count}`);
        for (const [kind, group] of this.found) {
            if (group.count === 0 && group.shown.size === 0) continue;
            console.log(`\n== ${kind} (${group.count})`);
            for (const one of group.shown.values())
                console.log(`pair ${one.number}\n  ${one.expression}\n  data: ${textOf(one.data) === undefined ? 'none' : textOf(one.data)}\n  js:   ${show(one.js)}\n  ours: ${show(one.ours)}`);
        }
        return [...this.found.values()].every((group) => group.shown.size === 0) ? 0 : 1;
    }
}

(async () => {
    const run = new Run(readOptions(process.argv.slice(2)));
    await run.all();
    process.exitCode = run.report();
})().catch((error) => {
    console.error(error.message);
    process.exitCode = 2;
});
