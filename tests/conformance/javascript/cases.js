/* Seeded cases for run-javascript.c, each with what JavaScript makes of it.
 *
 * usage: node cases.js KIND SEED COUNT                prints the cases
 *        node cases.js KIND SEED COUNT --run RUNNER   gives them to the runner
 * A case is a line: its kind, its arguments, and the result; texts are in hexadecimal UTF-8, after
 * an "x".
 */
'use strict';
const {spawnSync} = require('child_process');

let state = 1;

/* mulberry32 */
function random() {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const below = (count) => Math.floor(random() * count);
const pick = (items) => items[below(items.length)];
const chance = (share) => random() < share;
const repeat = (count, make) => Array.from({length: count}, make).join('');
const hex = (text) => 'x' + Buffer.from(text, 'utf8').toString('hex');
const isWellFormed = (text) => !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);

function bits(number) {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleBE(number);
    return Number.isNaN(number) ? 'nan' : buffer.toString('hex');
}

function anyCodePoint() {
    const c = pick([() => below(0x80), () => below(0x800), () => below(0x10000), () => below(0x110000)])();
    return c >= 0xD800 && c <= 0xDFFF ? 0x20 : c;
}

/* Regular expressions. */

const ATOMS = ['a', 'b', 'c', 'a', 'b', 'A', '.', '\\d', '\\w', '\\s', '\\W', '\\D', '\\S', '[ab]', '[^a]', '[a-c]',
    '[^]', '[]', '[\\d-a]', '[\\w]', '[^\\s]', '[\\W_]', 'é', '\\u0061', '\\x62', '\\u00c9', '\\n', '\\ud83d', '\\ude00',
    '\u{1F600}', '[\u{1F600}]', '[\\ud800-\\udbff][\\udc00-\\udfff]', '1', '-', '\\-', '\\/', '\\.', 'ß', 'ſ', 'k', '\u212A',
    '[k-s]', '[^k]', '\\0', '\\cJ', ']', '}', '\\01', '\\8', '[\\b]', 'Σ', 'ς', '[Α-Ω]', 'I', 'ı', '\u1E9E', '\u01C5'];
const PLAIN = ['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w'];
const EDGES = ['^', '$', '\\b', '\\B'];
const BEHINDS = ['(?<=a)', '(?<!a)', '(?<=ab|c)', '(?<![ab]{2})', '(?<=(a)|bc)', '(?<=^)', '(?<!^a)', '(?<=\\b)', '(?<=(.)b)', '(?<=(?=a).)',
    '(?<=a+)', '(?<=é)', '(?<=\\ude00)', '(?<!(a)b)', '(?<=)'];
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}', '{2,}', '{1,}?', '{0}', '{1}', '{0,1}?', '{'];
const UNITS = ['a', 'b', 'c', 'a', 'b', 'A', 'B', '1', ' ', '\n', '-', 'é', 'É', '\u{1F600}', '\u{1F601}', 'ß', 's', 'S', 'ſ', 'k',
    'K', '\u212A', '/', '.', '\u2028', '\r', '_', 'Σ', 'σ', 'ς', 'I', 'i', 'ı', 'İ', '\u1E9E', '\u01C4', '\u01C5', '\u00A0'];

/* What Unicode folds and JavaScript does not: a back-reference that ignores case takes it. */
const FOLDED = ['ſ', '\u212A', '\u1E9E', 'İ', 'ı'];

function pattern(depth, options) {
    return repeatJoin(1 + below(depth > 1 ? 2 : 3), () => repeat(1 + below(3), () => term(depth, options)), chance(0.3) ? '|' : '');
}

const repeatJoin = (count, make, separator) => Array.from({length: count}, make).join(separator);

function term(depth, options) {
    if (chance(0.06)) return pick(EDGES);
    if (options.behinds && chance(0.2)) return pick(BEHINDS);
    let atom;
    const kind = random();
    if (depth > 0 && kind < 0.35) {
        const open = chance(0.6) ? '(' : pick(options.looks ? ['(?:', '(?=', '(?!', '(?:'] : ['(?:']);
        atom = open + (chance(0.05) ? '' : pattern(depth - 1, options)) + (chance(0.1) ? '|' : '') + ')';
    } else if (kind < 0.40 && options.references) {
        atom = '\\' + (1 + below(3));
    } else {
        atom = chance(0.6) ? pick(PLAIN) : pick(ATOMS);
    }
    return chance(0.35) ? atom + pick(QUANTIFIERS) : atom;
}

/* Matches as jsonata-js goes through them; null where one cuts a pair of surrogates, or there are
 * too many. */
function matches(source, flags, subject) {
    let expression;
    try {
        expression = new RegExp(source, flags + 'g');
    } catch (error) {
        return 'S';
    }
    let result = '';
    for (let count = 0; count === 0 || expression.lastIndex < subject.length; count++) {
        const match = expression.exec(subject);
        if (match === null) return result + '.';
        if (count > 0 && match[0] === '') return result + 'E';
        const start = match.index, end = start + match[0].length;
        const parts = [...match].filter((part) => part !== undefined);
        if (!parts.every(isWellFormed) || !isWellFormed(subject.slice(0, start))) return null;
        result += [start, ...[...match].map((part) => (part === undefined ? '-' : hex(part)))].join(',') + ';';
    }
    return result + '.';
}

function regexCase(options) {
    const source = pattern(1 + below(3), options);
    const flags = pick(['', '', 'i', 'm', 'im']);
    const units = options.references ? UNITS.filter((unit) => !FOLDED.includes(unit)) : UNITS;
    const subject = repeat(below(11), () => (chance(0.7) ? pick(['a', 'b', 'c', 'ab']) : pick(units)));
    const result = isWellFormed(source) ? matches(source, flags, subject) : null;
    return result === null ? null : ['regex', flags || '-', hex(source), hex(subject), result];
}

const SYNTAX = ['(', ')', '(?:', '(?=', '(?!', '(?<=', '(?<!', '(?<n>', '(?<m>', '[', ']', '[^', '{', '}', '{2', '{2,', '{2}', '{3,2}',
    '{,2}', '*', '+', '?', '|', '^', '$', '.', '\\', '\\1', '\\2', '\\8', '\\0', '\\07', '\\377', '\\400', '\\c', '\\cA', '\\x4', '\\x41',
    '\\u', '\\u0041', '\\u{41}', '\\k', '\\k<n>', '\\k<m>', '\\p', '\\p{L}', '\\Q', '\\E', '\\A', '\\Z', '\\z', '\\G', '\\K', '\\R', '\\X',
    '\\h', '\\N', '(?>', '(?#', '(?i)', '(*F)', '++', '[[:alpha:]]', '[a-', '-', '\\-', '\\d-', 'a', 'b', '\\b', '\\B', '\\d', '\u{1F600}',
    '\\ud83d', '<', '>', ':', '=', '!', ',', '1', '2', '&&', '~', '#', ' ', '/', '\\/', 'é', '(?<é>', '(?<\\u0061>', '\\k<a>', '(?<1>'];

function syntaxCase() {
    const source = repeat(1 + below(7), () => pick(SYNTAX));
    const flags = pick(['', 'i', 'm']);
    const subject = repeat(below(8), () => pick(['a', 'b', '1', '2', '{', '}', '\\', 'u', 'p', 'Q', '<', '>', 'k', 'n', '\u{1F600}', 'A',
        '\x01', '-', ',', 'é', '(', '#', ' ', '\x07', '0']));
    const result = matches(source, flags, subject);
    return result === null ? null : ['regex', flags || '-', hex(source), hex(subject), result];
}

/* Texts. */

let nextCodePoint = 0;

/* Every code point, 64 in a text; then texts with what case depends on. */
function caseCase() {
    let text = '';
    if (nextCodePoint <= 0x10FFFF) {
        for (const end = nextCodePoint + 64; nextCodePoint < end; nextCodePoint++) {
            if (nextCodePoint < 0xD800 || nextCodePoint > 0xDFFF) text += String.fromCodePoint(nextCodePoint) + ' ';
        }
    } else {
        text = repeat(below(12), () => (chance(0.5) ? pick(['Σ', 'a', 'A', ' ', "'", '.', '\u0301', 'İ', 'ß', 'ŉ', 'ﬀ', '\u{10400}']) :
            String.fromCodePoint(anyCodePoint())));
    }
    return ['case', hex(text), hex(text.toUpperCase()), hex(text.toLowerCase())];
}

function urlCase() {
    const pieces = ['%', '%2', '%20', '%c3%a9', '%C3%A9', '%e2%82%ac', '%f0%9f%98%80', '%80', '%c0%80', '%ed%a0%80', '%f4%90%80%80',
        '%c3', '%3F', '%2f', '%23', '%41', '%e2%82', '%ff', '%zz', '%00', '%f8%80%80%80%80', '%E2%28%A1', '%25'];
    const text = repeat(below(8), () => (chance(0.6) ? pick(pieces) : String.fromCodePoint(anyCodePoint())));
    const attempt = (call) => {
        try {
            return hex(call(text));
        } catch (error) {
            return 'D3140';
        }
    };
    return ['url', hex(text), attempt(encodeURI), attempt(encodeURIComponent), attempt(decodeURI), attempt(decodeURIComponent)];
}

function base64Case() {
    let text;
    if (chance(0.5)) {
        text = repeat(below(12), () => (chance(0.7) ? String.fromCharCode(below(256)) : String.fromCodePoint(anyCodePoint())));
    } else {
        text = repeat(below(14), () => (chance(0.8) ? pick([...'ABCXYZabcxyz0189+/-_']) : pick(['=', '=', ' ', '\n', 'é', '!', '\u{1F600}',
            '\t', '*', '\u2028', '\u0141'])));
    }
    return ['base64', hex(text), hex(Buffer.from(text, 'binary').toString('base64')), hex(Buffer.from(text, 'base64').toString('binary'))];
}

/* jsonata-js's $number. */
function number(text) {
    if (/^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/.test(text) && !isNaN(parseFloat(text)) && isFinite(text)) return bits(parseFloat(text));
    if (/^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/.test(text)) return bits(Number(text));
    return 'D3030';
}

const digits = (count, letters) => repeat(count, () => pick([...letters]));

function numberCase() {
    const size = () => (chance(0.1) ? below(400) : below(25));
    const text = pick([
        () => (chance(0.3) ? '-' : '') + digits(1 + size(), '0123456789') + (chance(0.6) ? '.' + digits(1 + size(), '0123456789') : '') +
            (chance(0.5) ? pick(['e', 'E', 'e-', 'E+']) + digits(1 + below(3), '0123456789') : ''),
        () => pick(['', '', ' ', '-', 'a']) + pick(['0x', '0X']) + digits(below(25), '0123456789abcdefABCDEF') + pick(['', '', '', ' ', 'g', '.']),
        () => pick(['', '', ' ', '-', 'a', '\u00A0', '1']) + pick(['0o', '0O']) + digits(below(30), '01234567') + pick(['', '', '', ' ', '8', '\uFEFF']),
        () => pick(['', '', ' ', '-', 'a', '0']) + pick(['0b', '0B']) + digits(below(90), '01') + pick(['', '', '', ' ', '2']),
        () => repeat(below(8), () => pick([...'0123456789.eE+-xob ', '\n'])),
        () => '0x' + digits(1 + below(300), '0f8'),
        () => pick(['9007199254740993', '1.7976931348623158e308', '1.7976931348623159e308', '2.2250738585072011e-308', '5e-324', '2.4703282292062327e-324',
            '2.4703282292062328e-324', '0.' + '0'.repeat(1200) + '1', '1' + '0'.repeat(309), '0'.repeat(2000) + '7', '0.5' + '0'.repeat(1500) + '1',
            '9007199254740993' + '0'.repeat(1000) + 'e-1000', '9007199254740993.' + '0'.repeat(1000) + '1', '1e-99999999999', '0e99999999999',
            '1e99999999999', '0x1fffffffffffff8', '0x1fffffffffffff80000000001', '0b' + '1'.repeat(1024), '0x' + 'f'.repeat(256), '-0', '-0.0e5']),
    ])();
    return ['number', hex(text), number(text)];
}

function compareCase() {
    const some = () => repeat(below(4), () => pick(['a', 'b', 'é', '\uFFFD', '\uE000', '\u{10000}', '\u{1F600}', '\u{10FFFF}', '\uD7FF', '\u0800',
        String.fromCodePoint(anyCodePoint())]));
    const left = some(), right = chance(0.3) ? left + some() : some();
    return ['compare', hex(left), hex(right), left < right ? '-1' : left > right ? '1' : '0'];
}

/* jsonata-js's $substring, $trim, $pad and $split. */

const plainText = () => repeat(below(8), () => pick(['a', 'b', ' ', '\t', '\n', '\r', '  ', 'é', '\u{1F600}', ',', 'ab', '\u00A0']));
const amount = () => (chance(0.7) ? below(13) - 6 : pick([0.5, -0.5, 1.5, -1.5, 2.9, -2.9, -0, 1e9, -1e9, 4294967296, 4294967297.5, 1e300]));

function substring(text, start, length) {
    const characters = [...text];
    if (characters.length + start < 0) start = 0;
    if (length === undefined) return characters.slice(start).join('');
    if (length <= 0) return '';
    return characters.slice(start, start >= 0 ? start + length : characters.length + start + length).join('');
}

function trim(text) {
    const normal = text.replace(/[ \t\n\r]+/gm, ' ');
    return normal.replace(/^ /, '').replace(/ $/, '');
}

function pad(text, width, fill) {
    fill = fill || ' ';
    const count = Math.abs(width) - [...text].length;
    if (count <= 0) return hex(text);
    if (count !== Math.trunc(count) || count + 1 > 4294967295 || count * fill.length > 536870888) return 'R';
    const padding = [...fill.repeat(count)].slice(0, count).join('');
    return hex(width > 0 ? text + padding : padding + text);
}

function textCase() {
    const text = plainText();
    switch (below(4)) {
    case 0: {
        const start = amount(), length = chance(0.5) ? undefined : amount();
        return ['substring', hex(text), bits(start), length === undefined ? '-' : bits(length), hex(substring(text, start, length))];
    }
    case 1:
        return ['trim', hex(text), hex(trim(text))];
    case 2: {
        const width = chance(0.9) ? below(40) - 20 : pick([2.5, -2.5, 6e9, -0, -4294967296]), fill = chance(0.3) ? '' : plainText();
        return ['pad', hex(text), bits(width), hex(fill), pad(text, width, fill)];
    }
    default: {
        const separator = pick(['', ',', 'a', 'ab', ' ', '\u{1F600}', 'aa']);
        const limit = chance(0.5) ? undefined : Math.abs(amount());
        const pieces = (separator === '' ? [...text].slice(0, limit === undefined ? undefined : limit >>> 0) : text.split(separator, limit));
        return ['split', hex(text), hex(separator), limit === undefined ? '-' : bits(limit), pieces.map(hex).join(',') || '-'];
    }
    }
}

/* jsonata-js's replacement texts. */
function substitute(replacement, groups, whole) {
    let result = '', position = 0;
    for (let at = replacement.indexOf('$'); at !== -1; at = replacement.indexOf('$', position)) {
        result += replacement.slice(position, at);
        position = at + 1;
        const next = replacement.charAt(position);
        if (next === '$' || next === '0') {
            result += next === '$' ? '$' : whole;
            position++;
            continue;
        }
        const most = groups.length === 0 ? 1 : Math.floor(Math.log(groups.length) * Math.LOG10E) + 1;
        let number = parseInt(replacement.slice(position, position + most), 10);
        if (most > 1 && number > groups.length) number = parseInt(replacement.slice(position, position + most - 1), 10);
        if (isNaN(number)) {
            result += '$';
            continue;
        }
        result += groups[number - 1] === undefined ? '' : groups[number - 1];
        position += number.toString().length;
    }
    return result + replacement.slice(position);
}

function substituteCase() {
    const letters = [...'abcdefghijklmnopqrstuvwxyz'].slice(0, pick([0, 1, 2, 9, 10, 11, 15, 26]));
    const source = letters.map((letter) => (chance(0.2) ? `(${letter})?` : `(${letter})`)).join('') + '!';
    const whole = letters.map((letter) => (source.includes(`(${letter})?`) && chance(0.5) ? '' : letter)).join('') + '!';
    const groups = [...new RegExp(source).exec(whole)].slice(1);
    const replacement = repeat(below(7), () => pick(['$', '$', '$$', '$0', '$1', '$2', '$10', '$11', '$27', '$99', '1', '0', 'x', '-1', ' 1', '+1',
        '-0', '\u00A01', '\u{1F600}', '.5', ' ', '-', '00']));
    return ['substitute', hex(source), hex(whole), hex(replacement), hex(substitute(replacement, groups, whole))];
}

const KINDS = {
    regex: () => regexCase({looks: true, references: true}),
    plain: () => regexCase({}),
    behind: () => regexCase({looks: true, behinds: true}),
    syntax: syntaxCase,
    case: caseCase,
    url: urlCase,
    base64: base64Case,
    number: numberCase,
    compare: compareCase,
    text: textCase,
    substitute: substituteCase,
};

function main([kind, seed, count, run, runner]) {
    state = Number(seed);
    const lines = [];
    for (let left = Number(count); left > 0;) {
        const made = KINDS[kind]();
        if (made === null) continue;
        lines.push(made.join(' '));
        left--;
    }
    const text = lines.join('\n') + '\n';
    if (run !== '--run') {
        process.stdout.write(text);
        return 0;
    }
    const result = spawnSync(runner, [], {input: text, stdio: ['pipe', 'inherit', 'inherit']});
    return result.status === null ? 1 : result.status;
}

process.exitCode = main(process.argv.slice(2));
