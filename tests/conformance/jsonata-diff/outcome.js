// Outcomes of evaluations, and when two of them say the same.
'use strict';

// One spelling of a value, of what JSON keeps of it: members by name, numbers by value, null for what
// is undefined or not finite, and a mark for functions.
function spell(value) {
    if (value === undefined || value === null) return 'null';
    if (typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return Number.isFinite(value) ? String(value + 0) : 'null';
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'function' || value._jsonata_function || value._jsonata_lambda) return '<function>';
    if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`;
    return `{${Object.keys(value).sort().filter((key) => value[key] !== undefined).map((key) => `${JSON.stringify(key)}:${spell(value[key])}`).join(',')}}`;
}

const isFunction = (value) => typeof value === 'function' || (value !== null && typeof value === 'object' && !!(value._jsonata_function || value._jsonata_lambda));

function ofValue(value) {
    if (value === undefined) return { kind: 'undefined' };
    return isFunction(value) ? { kind: 'function' } : { kind: 'value', value: spell(value) };
}

const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

// Whether two spellings differ in the last places of numbers alone.
function isNear(left, right) {
    if (left.replace(number, '#') !== right.replace(number, '#')) return false;
    const lefts = left.match(number) || [], rights = right.match(number) || [];
    return lefts.length === rights.length && lefts.every((text, i) => Math.abs(text - rights[i]) <= 4e-15 * Math.abs(text));
}

// How two outcomes differ: null, or `result`, `near`, `code`, `token`, `crash`.
function difference(js, ours) {
    if (js.kind === 'hang' || js.kind === 'internal') return ours.kind === 'crash' || (ours.kind === 'hang' && js.kind !== 'hang') ? 'crash' : null;
    if (ours.kind === 'crash' || ours.kind === 'hang') return 'crash';
    if (js.kind !== ours.kind) return 'result';
    if (js.kind === 'value' && js.value !== ours.value) return isNear(js.value, ours.value) ? 'near' : 'result';
    if (js.kind === 'error' && js.code !== ours.code) return 'code';
    if (js.kind === 'error' && js.token !== undefined && ours.token !== undefined && js.token !== ours.token) return 'token';
    return null;
}

// What people read.
function show(outcome) {
    if (outcome.kind === 'value') return outcome.value.length > 300 ? `${outcome.value.slice(0, 300)}...` : outcome.value;
    if (outcome.kind === 'error') return `error ${outcome.code}${outcome.token === undefined ? '' : ` (${outcome.token})`}`;
    return outcome.message ? `${outcome.kind}: ${outcome.message}` : outcome.kind;
}

module.exports = { spell, ofValue, difference, show };
