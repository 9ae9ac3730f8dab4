// Input documents: one that expressions know their way in, and random ones of the same names.
'use strict';

// Names that the generator of expressions uses, so that paths lead somewhere.
const names = ['a', 'b', 'c', 'id', 'name', 'items', 'price', 'qty', 'tags', 'sub', 'key one', 'né', 'flag', 'none'];

const strings = [
    '', 'a', 'b', 'abc', 'Hello World', '  trim me \n', '10', '-3.5', '0x1F', '1e3', 'true', 'x,y,,z', 'ABC abc',
    'ünïcödé', '😀', 'a😀b𝒳', '\u0000', 'line1\nline2', '"quoted"', 'back\\slash', '2018-03-27', '2017-05-15T12:34:56.789Z',
    'ababab', 'http://x.y/z?q=1&r=a b', '%E4%BD%A0', 'aGVsbG8=', 'DE', 'US', 'one hundred and two', 'MCMXCIV', '[1,2]', 'é', 'e\u0301',
];

const numbers = [
    0, 1, 2, 3, -1, 5, 7, 10, 12.5, 0.1, -0.5, 1.005, 2.5, 3.5, 99.99, 100, 1000, 123456, 1234567.891, 1e6, 1e15,
    9007199254740991, 9007199254740993, 1e20, 1e21, 1.5e300, 1e-5, 1e-7, 5e-324, -1e21, 1510067557121, 0.30000000000000004,
];

function order(random, i) {
    return {
        id: i + 1,
        name: random.pick(['Hat', 'Bowler', 'Cloak', 'hat', 'Trilby']),
        price: random.pick([34.45, 21.67, 107.99, 10, 5, 0]),
        qty: random.pick([1, 2, 3, 4]),
        tags: random.pick([['red', 'blue'], ['red'], [], 'green', null]),
        sub: { a: i, b: random.pick(['x', 'y']), c: [{ id: i, name: 'in' }, { id: i * 10 }] },
        flag: random.chance(0.5),
    };
}

function shop(random) {
    const count = 1 + random.below(4);
    return {
        name: 'Firefly',
        id: 42,
        items: Array.from({ length: count }, (_, i) => order(random, i)),
        a: { b: { c: [1, 2, 3, [4, 5]] }, name: 'deep', 'key one': 'spaced' },
        b: [{ id: 1, name: 'one', c: 5 }, { id: 2, name: 'two', c: 7 }, { id: 2, name: 'dup', c: [8, 9] }],
        c: random.pick([5, '5', [5], [[5]], null, true, {}, []]),
        tags: ['t1', 't2', 't1', 3],
        price: 10.5, qty: 3, flag: true, none: null, 'né': '😀é', 'key one': [{ a: 1 }, { a: [2, 3] }],
    };
}

function scalar(random) {
    return random.weighted([
        [4, () => random.pick(numbers)], [4, () => random.pick(strings)], [1, () => null], [1, () => true], [1, () => false],
    ])();
}

function value(random, depth) {
    if (depth === 0 || random.chance(0.3)) return scalar(random);
    if (random.chance(0.45)) {
        const makes = random.chance(0.5) ? () => value(random, depth - 1) : () => scalar(random);
        return Array.from({ length: random.below(5) }, makes);
    }
    const object = {};
    for (let count = random.below(6); count > 0; count--) object[random.pick(names)] = value(random, depth - 1);
    return object;
}

// A document, or undefined: no input.
function document(random) {
    return random.weighted([
        [12, () => shop(random)], [8, () => value(random, 4)], [2, () => [shop(random), shop(random)]],
        [1, () => scalar(random)], [1, () => undefined], [1, () => []], [2, () => ({ a: value(random, 3), b: value(random, 3) })],
    ])();
}

module.exports = { document, names, strings, numbers };
