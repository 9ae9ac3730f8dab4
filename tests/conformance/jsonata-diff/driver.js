// Our engine, through the driver: a line with a case goes in, a line with its outcome comes out.
'use strict';

const readline = require('readline');
const { spawn } = require('child_process');
const { spell } = require('./outcome.js');

const PATIENCE_MS = 10000;

function parse(line) {
    if (line === 'undefined' || line === 'function') return { kind: line };
    if (line.startsWith('= ')) return { kind: 'value', value: spell(JSON.parse(line.slice(2))) };
    const [, code, token] = /^error (\S+)(?: (.*))?$/.exec(line) || [null, `?${line}`, undefined];
    return { kind: 'error', code, token: token === undefined ? undefined : JSON.parse(token) };
}

class Driver {
    constructor(program) {
        this.program = program;
    }

    start() {
        const child = spawn(this.program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.child = child;
        child.stdin.on('error', () => {});
        readline.createInterface({ input: child.stdout }).on('line', (line) => {
            if (this.child === child) this.receive(line);
        });
        child.on('close', (code, signal) => {
            if (this.child === child && this.resolve) this.lose({ kind: 'crash', message: signal || `exit ${code}` });
        });
    }

    run(cases) {
        return new Promise((resolve) => {
            this.rest = cases;
            this.outcomes = [];
            this.resolve = resolve;
            this.send();
            this.watch = setInterval(() => {
                if (Date.now() - this.heard > PATIENCE_MS) this.lose({ kind: 'hang' });
            }, 500);
        });
    }

    send() {
        if (!this.child) this.start();
        this.heard = Date.now();
        for (const one of this.rest.slice(this.outcomes.length)) {
            const data = one.data === undefined ? '' : `,"data":${one.data}`;
            this.child.stdin.write(`{"expression":${JSON.stringify(one.expression)}${data}}\n`);
        }
    }

    receive(line) {
        this.heard = Date.now();
        this.add(parse(line));
    }

    add(outcome) {
        this.outcomes.push(outcome);
        if (this.outcomes.length < this.rest.length) return;
        clearInterval(this.watch);
        const resolve = this.resolve;
        this.resolve = null;
        resolve(this.outcomes);
    }

    lose(outcome) {
        const child = this.child;
        this.child = null;
        child.kill('SIGKILL');
        this.add(outcome);
        if (this.resolve) this.send();
    }

    stop() {
        if (this.child) this.child.stdin.end();
    }
}

module.exports = { Driver };
