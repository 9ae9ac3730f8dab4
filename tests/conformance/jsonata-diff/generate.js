// Random expressions of JSONata 2.0.6, as trees: a node is a list of texts and nodes, so that what
// differs can be cut down. They are typed loosely: most arguments are of the kind that is wanted,
// some are of another one, since errors are half of a language.
'use strict';

const { names, strings, numbers } = require('./data.js');

const WRONG = 0.04; // the share of operands of some other kind

// What pictures, formats and patterns are made of.
const regexes = [
    '/a/', '/[a-z]+/', '/[A-Z]/i', '/(a)(b)?/', '/^.*$/m', '/\\d+/', '/\\s/', '/(\\w+)\\s(\\w+)/', '/b*/', '/a|b/', '/[^,]+/',
    '/é/', '/./', '/(?:ab)+/', '/\\bh/i', '/x{2,3}/', '/^$/',
];
const numberPictures = [
    '#,##0.00', '0', '#0.0', '00.00', '###', '0%', '#0.0‰', '0.0e0', '#,##0.00;(#,##0.00)', '\'x\'0', '0.###', '#', '.00',
    '0,0', '1', '0.0.0', 'abc', '', '#0#', '0;0;0', '00,00,0', '0.0,0', '0e', '%0%',
];
const integerPictures = ['0', '1', '001', '#,##0', '1;o', 'w', 'W', 'Ww', 'w;o', 'I', 'i', 'A', 'a', '#', '', '0;c', '١', '*', 'z'];
const datePictures = [
    '[Y0001]-[M01]-[D01]', '[H01]:[m01]:[s01].[f001]', '[FNn], [D1o] [MNn] [Y]', '[Y]-W[W]-[F1]', '[h]:[m] [P]', '[M01]/[D01]/[Y2]',
    '[MNn,3-3] [D] [Y]', '[Z]', '[z]', '[d]', '[w]', '[X]-[x]', '[Yi]', '[D#1]', '[[literal]] [Y]', '[Q]', '[Y', '[DW]', '[Y,2]', '[E]',
];
const words = ['one', 'twenty-one', 'one hundred and two', 'two thousand and third', 'MCMXCIV', 'iv', 'aa', 'ZZ', '1,234', '007', '12th', 'x'];

const text = (value) => [JSON.stringify(value).replace(/\u2028|\u2029/g, '')];

class Generator {
    constructor(random) {
        this.random = random;
        this.variables = ['$', '$$'];
        this.inPath = 0;
    }

    // The kinds of what an expression gives; each is a table of weighted makers.
    make(kind, depth) {
        const random = this.random;
        if (random.chance(WRONG)) kind = random.pick(['number', 'string', 'boolean', 'array', 'object', 'any', 'path']);
        if (depth <= 0) return this.leaf(kind);
        return this[kind](depth - 1);
    }

    leaf(kind) {
        const random = this.random;
        switch (kind) {
        case 'number': return random.chance(0.3) ? [random.pick(['price', 'qty', 'id', 'a', 'c'])] : this.numberLiteral();
        case 'string': return random.chance(0.3) ? [random.pick(['name', 'tags[0]', 'b', 'né'].map(quoteName))] : this.stringLiteral();
        case 'boolean': return [random.pick(['true', 'false', 'flag', 'none'])];
        case 'array': return [random.pick(['[]', '[1,2,3]', 'items', 'b', 'tags', '[[1],[2,[3]]]', '["b","a","c"]', '[3,1,2]', 'a.b.c'])];
        case 'object': return [random.pick(['{}', '{"a":1}', 'a', 'items[0]', 'sub', '$', '{"b":"x","a":[1,2]}', '$$'])];
        case 'function': return [random.pick(['$uppercase', '$string', '$sum', 'function($x){$x}', '$count', '$length'])];
        case 'path': return [quoteName(random.pick(names))];
        case 'predicate': return [random.pick(['0', '-1', '1', 'id', 'true', 'price > 10', '[0,1]', 'name="Hat"'])];
        default: return random.weighted([
            [3, () => this.leaf('path')], [2, () => this.numberLiteral()], [2, () => this.stringLiteral()], [1, () => ['null']],
            [2, () => [random.pick(this.variables)]], [1, () => this.leaf('boolean')], [1, () => this.leaf('array')], [1, () => this.leaf('object')],
        ])();
        }
    }

    numberLiteral() {
        const random = this.random;
        return random.weighted([
            [6, () => [String(random.below(12))]], [4, () => [String(random.pick(numbers)).replace('e+', 'e')]],
            [1, () => ['-', String(random.below(100) / 8)]], [1, () => [random.pick(['1e3', '0.5', '1E2', '00', '1e400', '2.50', '12345678901234567890'])]],
        ])();
    }

    stringLiteral() {
        const random = this.random;
        if (random.chance(0.1)) return [random.pick(["'single'", "'it\\'s'", '"tab\\t"', '"\\u00e9"', '"\\ud83d\\ude00"', "''", '"\\/"'])];
        return text(random.pick(strings));
    }

    any(depth) {
        const random = this.random;
        return random.weighted([
            [10, () => this.path(depth)], [5, () => this.number(depth)], [5, () => this.string(depth)], [3, () => this.boolean(depth)],
            [5, () => this.array(depth)], [4, () => this.object(depth)], [3, () => this.block(depth)], [3, () => this.conditional('any', depth)],
            [3, () => this.call(depth)], [2, () => this.chain(depth)], [1, () => this.transform(depth)], [1, () => [random.pick(this.variables)]],
            [1, () => this.function(depth)], [1, () => this.leaf('any')],
        ])();
    }

    // Paths.

    path(depth) {
        const random = this.random;
        const parts = [this.firstStep(depth)];
        this.inPath++;
        for (let steps = random.below(4); steps > 0; steps--) {
            parts.push('.', this.step(depth - 1));
            if (random.chance(0.25)) parts.push(this.stage(depth - 1));
        }
        this.inPath--;
        if (random.chance(0.15)) parts.push('[]');
        if (random.chance(0.08)) parts.push(this.order(depth - 1));
        if (random.chance(0.05)) parts.push(this.group(depth - 1));
        return parts;
    }

    firstStep(depth) {
        const random = this.random;
        const step = random.weighted([
            [10, () => [quoteName(random.pick(['items', 'a', 'b', 'c', 'tags', 'name', 'key one', 'né', 'sub']))]], [3, () => [random.pick(['$', '$$'])]],
            [1, () => ['*']], [1, () => ['**']], [1, () => ['(', this.make('any', depth - 1), ')']], [1, () => this.make('array', depth - 1)],
            [1, () => this.make('object', depth - 1)], [1, () => [random.pick(this.variables)]],
        ])();
        return random.chance(0.25) ? [step, this.stage(depth - 1)] : step;
    }

    step(depth) {
        const random = this.random;
        return random.weighted([
            [12, () => [quoteName(random.pick(names))]], [2, () => ['*']], [1, () => ['**']], [1, () => ['%']], [1, () => ['$']],
            [2, () => ['(', this.make('any', depth - 1), ')']], [3, () => this.object(depth - 1)], [2, () => ['[', this.make('any', depth - 1), ']']],
            [2, () => this.contextCall(depth - 1)], [1, () => this.stringLiteral()], [1, () => ['%.', quoteName(random.pick(names))]],
        ])();
    }

    // A call whose first argument is the context.
    contextCall() {
        return [this.random.pick(['$string()', '$uppercase()', '$length()', '$number()', '$keys()', '$sum()', '$count($)', '$type($)',
            '$spread()', '$abs()', '$lowercase()', '$boolean()', '$substring(1)', '$contains("a")', '$split(",")', '$exists($)', '$each(function($v,$k){$k})'])];
    }

    stage(depth) {
        const random = this.random;
        return random.weighted([
            [10, () => ['[', this.predicate(depth), ']']], [2, () => ['[]']], [1, () => ['#$i']], [1, () => ['#$i[$i<2]']],
            [1, () => ['@$v']], [1, () => ['@$v[$v.id=1]']], [1, () => this.order(depth)], [1, () => ['[', this.predicate(depth), '][', this.predicate(depth), ']']],
        ])();
    }

    predicate(depth) {
        const random = this.random;
        return random.weighted([
            [5, () => [String(random.below(5) - 2)]], [2, () => ['[', String(random.below(3)), '..', String(random.below(5)), ']']],
            [4, () => this.comparison(depth)], [2, () => this.make('boolean', depth)], [1, () => this.make('number', depth)],
            [1, () => this.make('path', depth)], [1, () => this.make('any', depth)], [1, () => ['$i < 2']], [1, () => ['%.id = 1']],
        ])();
    }

    order(depth) {
        const random = this.random;
        const term = () => [random.pick(['', '<', '>']), random.chance(0.7) ? random.pick(['price', 'name', 'id', 'qty', '$']) : this.make('any', depth)];
        const parts = ['^(', term()];
        if (random.chance(0.3)) parts.push(',', term());
        return [...parts, ')'];
    }

    group(depth) {
        const random = this.random;
        const parts = ['{', random.chance(0.7) ? random.pick(['name', '$string(id)', 'b', '"k"']) : this.make('string', depth), ':', this.make('any', depth)];
        if (random.chance(0.2)) parts.push(',', this.make('string', depth), ':', this.make('any', depth));
        return [...parts, '}'];
    }

    // Numbers, strings, truth.

    number(depth) {
        const random = this.random;
        const n = () => this.make('number', depth);
        const a = () => (random.chance(0.7) ? this.numbers(depth) : this.make('array', depth));
        const s = () => this.make('string', depth);
        return random.weighted([
            [8, () => [n(), random.pick([' + ', ' - ', ' * ', ' / ', ' % ']), n()]], [1, () => ['-', n()]], [1, () => ['(', n(), ')']], [3, () => this.leaf('number')],
            [2, () => this.conditional('number', depth)],
            [1, () => ['$abs(', n(), ')']], [1, () => ['$floor(', n(), ')']], [1, () => ['$ceil(', n(), ')']],
            [1, () => ['$round(', n(), ...(random.chance(0.6) ? [',', String(random.below(7) - 3)] : []), ')']],
            [1, () => ['$power(', n(), ',', n(), ')']], [1, () => ['$sqrt(', n(), ')']],
            [2, () => ['$number(', random.chance(0.7) ? s() : this.make('any', depth), ')']],
            [1, () => ['$sum(', a(), ')']], [1, () => ['$max(', a(), ')']], [1, () => ['$min(', a(), ')']], [1, () => ['$average(', a(), ')']],
            [2, () => ['$count(', this.make('any', depth), ')']], [1, () => ['$length(', s(), ')']],
            [1, () => ['$parseInteger(', random.chance(0.6) ? text(random.pick(words)) : s(), ',', text(random.pick(integerPictures)), ')']],
            [1, () => ['$toMillis(', random.chance(0.6) ? text(random.pick(['2017-11-07T15:07:54.972Z', '2018', '2018-04', '2018-04-01T01:02:03+05:30', '2020-02-29'])) : s(),
                ...(random.chance(0.4) ? [',', text(random.pick(datePictures))] : []), ')']],
            [1, () => ['$reduce(', a(), ',', this.reducer(depth), ...(random.chance(0.5) ? [',', n()] : []), ')']],
        ])();
    }

    // Arrays whose items are numbers.
    numbers(depth) {
        const random = this.random;
        const parts = ['['];
        for (let i = random.below(4); i >= 0; i--) parts.push(random.chance(0.8) ? this.numberLiteral() : this.make('number', depth - 1), i > 0 ? ',' : '');
        return random.weighted([
            [3, () => [...parts, ']']], [2, () => [random.pick(['items.price', 'items.qty', 'b.id', 'a.b.c[0]', 'items.(price * qty)', '[1..5]', 'b.c', 'items[qty>1].price'])]],
            [1, () => ['$map(', random.pick(['[1,2,3]', 'items.qty', '[1..4]']), ',function($x){', this.make('number', depth - 1), '})']],
        ])();
    }

    string(depth) {
        const random = this.random;
        const s = () => this.make('string', depth);
        const n = () => this.make('number', depth);
        const pattern = () => (random.chance(0.5) ? [random.pick(regexes)] : s());
        return random.weighted([
            [6, () => [random.chance(0.6) ? s() : this.make('any', depth), ' & ', s()]], [3, () => this.leaf('string')], [1, () => this.conditional('string', depth)],
            [2, () => ['$string(', this.make('any', depth), ...(random.chance(0.2) ? [',', random.pick(['true', 'false', '1'])] : []), ')']],
            [1, () => ['$substring(', s(), ',', n(), ...(random.chance(0.5) ? [',', n()] : []), ')']],
            [1, () => ['$substringBefore(', s(), ',', s(), ')']], [1, () => ['$substringAfter(', s(), ',', s(), ')']],
            [1, () => ['$uppercase(', s(), ')']], [1, () => ['$lowercase(', s(), ')']], [1, () => ['$trim(', s(), ')']],
            [1, () => ['$pad(', s(), ',', String(random.below(30) - 15), ...(random.chance(0.5) ? [',', s()] : []), ')']],
            [2, () => ['$join(', random.chance(0.6) ? random.pick(['["a","b"]', 'items.name', 'b.name', '$split("a b", " ")', '"x"', 'items.tags']) : this.make('array', depth), ...(random.chance(0.6) ? [',', s()] : []), ')']],
            [3, () => ['$replace(', s(), ',', pattern(), ',', random.chance(0.7) ? this.replacement() : this.function(depth), ...(random.chance(0.3) ? [',', String(random.below(4) - 1)] : []), ')']],
            [1, () => ['$base64encode(', s(), ')']], [1, () => ['$base64decode(', s(), ')']],
            [1, () => ['$', random.pick(['encodeUrl', 'encodeUrlComponent', 'decodeUrl', 'decodeUrlComponent']), '(', s(), ')']],
            [3, () => ['$formatNumber(', n(), ',', text(random.pick(numberPictures)), ...(random.chance(0.15) ? [',', this.numberFormat()] : []), ')']],
            [1, () => ['$formatBase(', n(), ...(random.chance(0.7) ? [',', String(random.below(40))] : []), ')']],
            [2, () => ['$formatInteger(', n(), ',', text(random.pick(integerPictures)), ')']],
            [2, () => ['$fromMillis(', random.chance(0.6) ? random.pick(['1510067557121', '0', '-1', '1e12', '951782400000', '1583020800000']) : n(),
                ...(random.chance(0.7) ? [',', text(random.pick(datePictures)), ...(random.chance(0.3) ? [',', text(random.pick(['+0100', '-0530', '+00:00', 'x', '+1']))] : [])] : []), ')']],
            [1, () => ['$type(', this.make('any', depth), ')']],
            [1, () => [random.pick(['$now()', '$now("[H01]:[m01]")', '$string($millis())'])]],
        ])();
    }

    replacement() {
        return this.random.chance(0.5) ? text(this.random.pick(['$1', '$0-$2', '$$', '', 'X', '$', '$10', '[$1]', '😀'])) : this.stringLiteral();
    }

    numberFormat() {
        return [this.random.pick(['{"decimal-separator":",","grouping-separator":"."}', '{"minus-sign":"~"}', '{"zero-digit":"٠"}', '{"percent":"pc"}', '{}', '{"x":1}'])];
    }

    boolean(depth) {
        const random = this.random;
        const b = () => this.make('boolean', depth);
        return random.weighted([
            [6, () => this.comparison(depth)], [3, () => [b(), random.pick([' and ', ' or ']), b()]], [1, () => ['$not(', this.make('any', depth), ')']],
            [1, () => ['$boolean(', this.make('any', depth), ')']], [2, () => ['$exists(', this.make('any', depth), ')']], [1, () => this.leaf('boolean')],
            [2, () => ['$contains(', this.make('string', depth), ',', random.chance(0.5) ? random.pick(regexes) : this.make('string', depth), ')']],
            [1, () => this.conditional('boolean', depth)], [1, () => ['$random() < 1']], [1, () => ['(', b(), ')']],
        ])();
    }

    comparison(depth) {
        const random = this.random;
        return random.weighted([
            [3, () => [this.make('any', depth), random.pick([' = ', ' != ']), this.make('any', depth)]],
            [3, () => [this.make('number', depth), random.pick([' = ', ' < ', ' <= ', ' > ', ' >= ', ' != ']), this.make('number', depth)]],
            [2, () => [this.make('string', depth), random.pick([' = ', ' < ', ' <= ', ' > ', ' >= ']), this.make('string', depth)]],
            [2, () => [this.make('any', depth), ' in ', this.make('array', depth)]], [1, () => ['price > 10']], [1, () => ['name = "Hat"']], [1, () => ['id in [1,2]']],
        ])();
    }

    // Arrays and objects.

    array(depth) {
        const random = this.random;
        const a = () => this.make('array', depth);
        const items = () => {
            const parts = ['['];
            for (let i = random.below(4); i >= 0; i--) parts.push(this.item(depth), i > 0 ? ',' : '');
            return [...parts, ']'];
        };
        return random.weighted([
            [5, items], [2, () => ['[', this.range(depth), ']']], [2, () => this.leaf('array')], [2, () => this.path(depth)],
            [3, () => ['$map(', a(), ',', this.mapper(depth), ')']], [2, () => ['$filter(', a(), ',', this.mapper(depth), ')']],
            [1, () => ['$single(', a(), ',', this.mapper(depth), ')']],
            [2, () => ['$append(', this.make('any', depth), ',', this.make('any', depth), ')']], [1, () => ['$reverse(', a(), ')']],
            [2, () => ['$sort(', a(), ...(random.chance(0.4) ? [',function($l,$r){', random.pick(['$l>$r', '$l.price > $r.price', '$l < $r', '$string($l) > $string($r)']), '}'] : []), ')']],
            [1, () => ['$distinct(', a(), ')']], [1, () => ['$zip(', a(), ...(random.chance(0.7) ? [',', a()] : []), ')']], [1, () => ['$count($shuffle(', a(), '))']],
            [1, () => ['$sort($shuffle(', a(), '))']],
            [1, () => ['$split(', this.make('string', depth), ',', random.chance(0.5) ? random.pick(regexes) : this.make('string', depth), ...(random.chance(0.3) ? [',', String(random.below(4) - 1)] : []), ')']],
            [2, () => ['$match(', this.make('string', depth), ',', random.pick(regexes), ...(random.chance(0.3) ? [',', String(random.below(4) - 1)] : []), ')']],
            [1, () => ['$keys(', random.chance(0.8) ? this.make('object', depth) : a(), ')']], [1, () => ['$spread(', this.make('any', depth), ')']],
            [2, () => ['$each(', this.make('object', depth), ',', random.pick(['function($v,$k){$k}', 'function($v){$v}', 'function($v,$k){$k & "=" & $string($v)}']), ')']],
            [1, () => ['$lookup(', this.make('any', depth), ',', text(random.pick(names)), ')']],
        ])();
    }

    item(depth) {
        return this.random.chance(0.15) ? this.range(depth) : this.make('any', depth);
    }

    range(depth) {
        const random = this.random;
        if (random.chance(0.7)) return [String(random.below(6) - 1), '..', String(random.below(10))];
        return [random.pick(['1', '-2', '0.5', '"a"', 'id', 'none', '3', '10000001']), '..', random.chance(0.5) ? random.pick(['qty', '3', '1.5', 'null', '1e8', 'zz']) : this.make('path', depth)];
    }

    object(depth) {
        const random = this.random;
        const key = () => (random.chance(0.85) ? text(random.pick(names)) : this.make('string', depth));
        const parts = ['{'];
        for (let count = random.below(4); count > 0; count--) parts.push(key(), ':', this.make('any', depth), count > 1 ? ',' : '');
        return random.weighted([
            [8, () => [...parts, '}']], [1, () => this.leaf('object')], [1, () => ['$merge(', this.make('array', depth), ')']],
            [1, () => ['$sift(', this.make('object', depth), ',', random.pick(['function($v){$v}', 'function($v,$k){$k="a"}', 'function($v,$k,$o){$count($keys($o))>1}', this.mapper(depth)]), ')']],
            [1, () => [this.path(depth), this.group(depth)]], [1, () => this.transform(depth)], [1, () => ['$clone(', this.make('object', depth), ')']],
        ])();
    }

    transform(depth) {
        const random = this.random;
        const location = random.pick(['$', 'items', 'a', '**', 'items.sub', 'b[id=2]', 'zz', 'a.b', '*']);
        const update = random.chance(0.7) ? random.pick(['{"new":1}', '{"price": price * 2}', '{}', '{"name": $uppercase(name)}', '{"a":{"z":[]}}']) : this.make('object', depth);
        const removed = random.chance(0.4) ? [',', random.pick(['"id"', '["id","name"]', '["zz"]', '[]', '1', 'name', '"price"'])] : [];
        const operation = ['|', location, '|', update, ...removed, '|'];
        return random.chance(0.8) ? [random.pick(['$', '$$', 'a', 'items', '$.b']), ' ~> ', operation] : ['(', operation, ')(', this.make('object', depth), ')'];
    }

    // Functions.

    mapper(depth) {
        const random = this.random;
        const inside = this.inLambda(random.pick([['$x'], ['$x', '$n'], ['$x', '$n', '$all']]), depth);
        return random.weighted([
            [5, () => inside], [2, () => [random.pick(['$string', '$uppercase', '$boolean', '$not', '$exists', '$number', '$type', '$length'])]],
            [1, () => ['$append(?, ', this.make('any', depth), ')']], [1, () => this.function(depth)],
        ])();
    }

    reducer(depth) {
        const random = this.random;
        return random.weighted([
            [5, () => [random.pick(['function($l,$r){$l+$r}', 'function($p,$n,$i){$p & $string($n) & $string($i)}', 'function($a,$b,$i,$all){$append($a,$b)}', 'function($x){$x}', '$append', '$max'])]],
            [1, () => this.inLambda(['$l', '$r'], depth)],
        ])();
    }

    inLambda(parameters, depth) {
        const random = this.random;
        const outer = this.variables;
        this.variables = [...outer, ...parameters, ...parameters];
        const body = this.make('any', depth);
        this.variables = outer;
        const signature = random.chance(0.08) ? random.pick(['<n:n>', '<s:s>', '<a:a>', '<x-:x>', '<j?:j>', '<n-n?:n>', '<a<n>:n>', '<(sn):x>', '<f:f>', '<:n>', '<b', '<q>']) : '';
        return [random.chance(0.9) ? 'function(' : 'λ(', parameters.join(','), ')', signature, '{', body, '}'];
    }

    function(depth) {
        const random = this.random;
        return random.weighted([
            [4, () => this.inLambda(random.pick([[], ['$x'], ['$x', '$y']]), depth)], [3, () => this.leaf('function')],
            [2, () => [random.pick(['$substring', '$append', '$power', '$split', '$join', '$contains', '$pad']), '(', random.pick(['?, 1', '?, "a"', '?, ?', '"abc", ?', '?']), ')']],
            [1, () => ['(', this.leaf('function'), ' ~> ', this.leaf('function'), ')']],
        ])();
    }

    chain(depth) {
        const random = this.random;
        const parts = [this.make('any', depth)];
        for (let links = 1 + random.below(2); links > 0; links--)
            parts.push(' ~> ', random.weighted([
                [6, () => [random.pick(['$string', '$count', '$sum', '$uppercase', '$sort', '$reverse', '$keys', '$boolean', '$spread', '$type', '$distinct', '$merge', '$max'])]],
                [3, () => [random.pick(['$map(function($x){$string($x)})', '$filter(function($x){$x})', '$join(",")', '$append([1])', '$substring(1)', '$lookup("a")', '$split("")'])]],
                [2, () => this.function(depth)], [1, () => this.make('any', depth)],
            ])());
        return parts;
    }

    call(depth) {
        const random = this.random;
        const any = () => this.make('any', depth);
        return random.weighted([
            [2, () => ['(', this.function(depth), ')(', any(), ...(random.chance(0.4) ? [',', any()] : []), ')']], [1, () => ['$eval(', text(random.pick(['1+1', 'a.b', '$sum([1,2])', '[', '$$', '{"a":1}', 'name'])), ')']],
            [1, () => ['$error(', random.chance(0.8) ? this.make('string', depth) : '', ')']], [1, () => ['$assert(', this.make('boolean', depth), ',', this.make('string', depth), ')']],
            [1, () => [random.pick(this.variables), '(', any(), ')']], [1, () => ['$', random.pick(['undefinedFn', 'x', 'v', 'i']), '(', any(), ')']],
            [3, () => this.wildCall(depth)], [1, () => ['$type(', any(), ')']],
        ])();
    }

    // Any function with any arguments.
    wildCall(depth) {
        const random = this.random;
        const parts = ['$', random.pick(functions), '('];
        for (let count = random.below(4); count > 0; count--) parts.push(this.make('any', depth - 1), count > 1 ? ',' : '');
        return [...parts, ')'];
    }

    block(depth) {
        const random = this.random;
        const name = random.pick(['$x', '$y', '$v', '$long_name']);
        const outer = this.variables;
        const bound = random.chance(0.2) ? this.function(depth) : this.make('any', depth);
        this.variables = [...outer, name, name];
        const body = random.chance(0.3) ? [name, '(', this.make('any', depth), ')'] : this.make('any', depth);
        this.variables = outer;
        return ['(', name, ' := ', bound, '; ', body, random.chance(0.1) ? ';' : '', ')'];
    }

    conditional(kind, depth) {
        const parts = [this.make('boolean', depth), ' ? ', this.make(kind, depth)];
        return this.random.chance(0.85) ? [...parts, ' : ', this.make(kind, depth)] : parts;
    }
}

// Those whose results a second run cannot give again are left out, and stand above inside others.
const functions = [
    'string', 'length', 'substring', 'substringBefore', 'substringAfter', 'uppercase', 'lowercase', 'trim', 'pad', 'contains', 'split', 'join', 'match', 'replace',
    'eval', 'base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl', 'decodeUrlComponent', 'decodeUrl', 'number', 'abs', 'floor', 'ceil', 'round', 'power',
    'sqrt', 'formatNumber', 'formatBase', 'formatInteger', 'parseInteger', 'sum', 'max', 'min', 'average', 'boolean', 'not', 'exists', 'count', 'append', 'sort',
    'reverse', 'distinct', 'zip', 'keys', 'lookup', 'spread', 'merge', 'sift', 'each', 'error', 'assert', 'type', 'fromMillis', 'toMillis', 'map', 'filter', 'single', 'reduce', 'clone',
];

function quoteName(name) {
    return /^[A-Za-zé]+(\[\d\])?$/.test(name) ? name : '`' + name + '`';
}

const flatten = (node) => (typeof node === 'string' ? node : node.map(flatten).join(''));

// What is written wrongly: one place of the text is changed.
function spoil(random, written) {
    const at = random.below(written.length + 1);
    return random.weighted([
        [3, () => written.slice(0, at) + written.slice(at + 1)], [3, () => written.slice(0, at) + random.pick([...'(){}[].,;:?^|~$%@#&*+-/<>=!"\'`\\ ', '..', ':=', '~>', 'and', '/*', '1.', '\\u12']) + written.slice(at)],
        [1, () => written.slice(0, at)], [1, () => written.slice(at)],
    ])();
}

// An expression as a tree.
function expression(random) {
    const depth = 1 + random.below(4);
    const tree = new Generator(random).make('any', depth);
    if (random.chance(0.04)) return [spoil(random, flatten(tree)).toWellFormed()];
    return random.chance(0.02) ? ['/* note */ ', tree] : tree;
}

module.exports = { expression, flatten, functions };
