// The order page as a reader with a keyboard meets it: the real server, a real browser.
//
// usage: node page.test.mjs SERVER [--screenshot FILE]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHROMIUM = '/usr/bin/chromium';
const BROWSER = ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-component-update', '--no-first-run'];
const PATIENCE = 20000;
// Nobody listens there: a subscription is kept, and its mail waits.
const NO_MAIL_ARRIVES = ['--smtp', 'smtp://127.0.0.1:1', '--mail-from', 'orders@example.org'];
const PIZZA = { name: 'Step Functions Pizza', restaurantId: 'Restaurant 99', quantity: 3 };

function stop(text) {
    console.error(`page.test: ${text}`);
    process.exit(1);
}

async function needed() {
    if (!existsSync(CHROMIUM)) stop('no Chromium; run tools/setup --tests');
    try {
        const require = createRequire(import.meta.url);
        return [(await import('playwright-core')).chromium, readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')];
    } catch (error) {
        return stop(`${error.code}; run tools/setup --tests`);
    }
}

// ---- Servers ----

const [program, option, screenshot] = process.argv.slice(2);
if (!program || (option && (option !== '--screenshot' || !screenshot)))
    stop('usage: node page.test.mjs SERVER [--screenshot FILE]');
const [chromium, axe] = await needed();
const folder = mkdtempSync(join(tmpdir(), 'page-'));
const servers = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('exit', () => {
    for (const server of servers) server.process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function firstLine(server) {
    return new Promise((done, failed) => {
        let text = '';
        server.stdout.on('data', (part) => {
            text += part;
            const line = /^order-service: (http:\/\/\S+\/)\n/.exec(text);
            if (line) done(line[1]);
        });
        server.on('exit', (code) => failed(new Error(`the server ended with ${code}: ${text}`)));
    });
}

async function startServer(data, clock, port = 0, ...options) {
    const child = spawn(program,
        ['--data', join(folder, data), '--listen', `127.0.0.1:${port}`, '--clock', clock, ...options],
        { stdio: ['ignore', 'pipe', 'pipe'] });
    const server = { process: child, log: '' };
    child.stderr.on('data', (part) => { server.log += part; });
    servers.add(server);
    server.url = await firstLine(child);
    server.port = new URL(server.url).port;
    return server;
}

async function stopServer(server) {
    const ended = new Promise((done) => server.process.on('exit', done));
    server.process.kill('SIGTERM');
    servers.delete(server);
    assert.equal(await ended, 0, 'the server ends with 0');
}

// Places an order beside the page; how it got there is not what the test is about.
async function order(server, body) {
    const answer = await fetch(new URL('orders', server.url), {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text).SendMessageResponse.SendMessageResult.MessageId;
}

// ---- The browser ----

const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: BROWSER });
const complaints = [];
let step = '';

async function openPage(server, path = '', connection = 'Live') {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const complain = (text) => complaints.push({ page, text: `${text} (${step})` });
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) &&
        complain(`${message.text()} ${message.location().url}`));
    page.on('pageerror', (error) => complain(String(error)));
    page.on('dialog', (dialog) => { complain(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('request', (request) => request.url().startsWith(server.url) || complain(`asks ${request.url()}`));
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
        (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
    if (connection !== 'Live') await page.route('**/events', (route) => route.abort());
    await page.goto(server.url + path);
    await textIs(page, '#connection', connection);
    return page;
}

// Takes the complaints that a step provokes on purpose. Any other one stays and fails the last test.
async function expectComplaint(page, pattern) {
    const isExpected = (one) => one.page === page && pattern.test(one.text);
    for (const end = Date.now() + PATIENCE; !complaints.some(isExpected);) {
        assert.ok(Date.now() < end, `the browser says ${pattern}`);
        await page.waitForTimeout(50);
    }
    await page.waitForTimeout(100);
    for (const one of complaints.filter(isExpected)) complaints.splice(complaints.indexOf(one), 1);
}

// Waits until a text is there; what was there instead is the error.
async function textIs(page, selector, expected, patience = PATIENCE) {
    const matches = (text) => (expected instanceof RegExp ? expected.test(text) : text === expected);
    const end = Date.now() + patience;
    let text;
    do {
        text = (await page.locator(selector).first().textContent({ timeout: patience })).trim();
        if (matches(text)) return;
        await page.waitForTimeout(50);
    } while (Date.now() < end);
    assert.fail(`${selector} is '${text}', expected '${expected}'`);
}

// Goes on with the Tab key until it is there, as a reader does; the focus has to be seen on the way.
async function tabTo(page, selector, key = 'Tab') {
    for (let steps = 0; steps < 150; steps++) {
        await page.keyboard.press(key);
        const found = await page.evaluate((wanted) => {
            const focused = document.activeElement;
            const outlines = [null, '::after'].map((part) => getComputedStyle(focused, part).outlineStyle);
            const isSeen = focused === document.body || outlines.some((outline) => outline !== 'none');
            return { is: focused.matches(wanted), isSeen, what: focused.outerHTML.slice(0, 80) };
        }, selector);
        assert.ok(found.isSeen, `the focus is seen on ${found.what}`);
        if (found.is) return;
    }
    assert.fail(`no way to ${selector} by ${key}`);
}

async function typeInto(page, selector, text) {
    await tabTo(page, selector);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(text);
}

// Fills the form from its first field on, and sends it with Enter.
async function placeByKeyboard(page, { name, restaurantId, quantity = 1, token, amount }) {
    await page.evaluate(() => document.activeElement.blur());
    await typeInto(page, '[name=name]', name);
    if (restaurantId) await typeInto(page, '[name=restaurantId]', restaurantId);
    await typeInto(page, '[name=quantity]', String(quantity));
    if (token) await typeInto(page, '[name=token]', token);
    if (amount) await typeInto(page, '[name=amount]', String(amount));
    await tabTo(page, 'button.main');
    await page.keyboard.press('Enter');
}

const linkTo = (id) => `#rows a[href="#${id}"]`;
const statusOf = (id) => `#rows tr:has(a[href="#${id}"]) .status`;

async function openByKeyboard(page, id) {
    await page.locator(linkTo(id)).waitFor();
    await tabTo(page, linkTo(id));
    await page.keyboard.press('Enter');
    await page.waitForFunction((hash) => location.hash === hash, `#${id}`);
    await page.locator('#order-title:focus').waitFor();
}

async function axeFinds(page, where) {
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('input, select')]
        .filter((field) => field.labels.length === 0).map((field) => field.outerHTML));
    assert.deepEqual(unnamed, [], 'each field has a label');
    if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const result = await page.evaluate(() => window.axe.run(document, { preload: false }));
        assert.ok(result.passes.length > 20, 'axe has looked at the page');
        const found = result.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
        assert.deepEqual(found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`), [],
            `${where}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}

async function fitsNarrowScreen(page) {
    const before = page.viewportSize();
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    const wide = await page.evaluate(() => [...document.querySelectorAll('body *')]
        .filter((part) => !part.closest('svg, .skip') && part.getBoundingClientRect().right > 360)
        .map((part) => part.outerHTML.slice(0, 60)));
    await page.setViewportSize(before);
    assert.equal(width, 360, wide.join('\n'));
    assert.deepEqual(wide, []);
}

const secondsLeft = async (page) => {
    const [, minutes, seconds] = /^(\d+):(\d\d)$/.exec(await page.locator('#left').textContent());
    return Number(minutes) * 60 + Number(seconds);
};

const stroke = (page, selector) => page.locator(selector).first().evaluate((box) => getComputedStyle(box).stroke);

// ---- The tests ----

let failed = 0;
let run = 0;

async function test(name, body) {
    step = name;
    const start = Date.now();
    run++;
    try {
        await body();
        console.log(`ok: ${name} (${Date.now() - start} ms)`);
    } catch (error) {
        failed++;
        console.log(`FAILED: ${name}\n  ${String(error.stack).split('\n').slice(0, 14).join('\n  ')}`);
    }
}

// Orders that wait 30 seconds by the clock on the wall: time to look at one, and to cancel one.
async function whileAnOrderWaits() {
    const server = await startServer('waits', 'real');
    const page = await openPage(server);
    let id, declined, deaf;

    await test('an order is placed by keyboard and stands in the list', async () => {
        await textIs(page, '#rows-said', 'No orders here.');
        const asked = page.waitForRequest((request) => request.method() === 'POST');
        await placeByKeyboard(page, PIZZA);
        const request = await asked;
        assert.match(request.headers()['idempotency-key'], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.deepEqual(request.postDataJSON(), PIZZA);
        await textIs(page, '#placed', 'Order placed: Step Functions Pizza.');
        id = (await page.locator('#placed a').getAttribute('href')).slice(1);
        await textIs(page, linkTo(id), 'Step Functions Pizza');
        await textIs(page, '#rows .soft', 'Quantity 3, Restaurant 99');
        await textIs(page, '#rows .status', 'Pending');
        declined = await order(server, { name: 'Capricciosa', quantity: 4, payment: { token: 'tok_declined', amount: 42 } });
        await textIs(page, statusOf(declined), 'Pending');
    });

    await test('an opened order shows where it is and how long it waits', async () => {
        await openByKeyboard(page, id);
        await textIs(page, '#order-title', 'Step Functions Pizza');
        await textIs(page, '#order-status', 'Pending');
        await page.locator('[data-state=WaitForChanges].current.visited').waitFor();
        assert.equal(await page.locator('#picture .current').count(), 1);
        assert.notEqual(await stroke(page, '.current .box'), await stroke(page, '[data-state=OrderFailed] .box'));
        assert.match(await page.locator('#picture svg').getAttribute('aria-label'), /now in WaitForChanges/);
        const before = await secondsLeft(page);
        assert.ok(before > 0 && before <= 30, `${before} s of 30`);
        await page.waitForFunction((text) => document.getElementById('left').textContent !== text,
            await page.locator('#left').textContent());
        assert.ok(await secondsLeft(page) < before, 'it counts down');
        await textIs(page, '#events tr:last-child td:nth-child(3)', 'WaitForChanges');
    });

    await test('a page that hears of no change shows the order as well', async () => {
        deaf = await openPage(server, `#${id}`, 'Connection lost. Trying again.');
        await textIs(deaf, '#order-status', 'Pending');
    });

    await test('a reload keeps the chosen order', async () => {
        await page.reload();
        await textIs(page, '#order-title', 'Step Functions Pizza');
        await page.locator('[data-state=WaitForChanges].current').waitFor();
        await page.locator(`${linkTo(id)}[aria-current=true]`).waitFor();
    });

    await test('axe finds nothing in the order, and it fits a narrow screen', async () => {
        await axeFinds(page, 'an order');
        await fitsNarrowScreen(page);
    });

    await test('an order in its Wait is cancelled by keyboard', async () => {
        const other = await order(server, { ...PIZZA, name: 'Calzone', quantity: 1 });
        await openByKeyboard(page, other);
        await page.locator('#cancel').waitFor();
        await tabTo(page, '#cancel');
        await page.keyboard.press('Enter');
        await textIs(page, '#cancel-said', 'The order is cancelled.');
        await textIs(page, '#order-status', 'Cancelled');
        await page.locator('#cancel').waitFor({ state: 'hidden' });
        await page.locator('#wait').waitFor({ state: 'hidden' });
        assert.equal(await page.evaluate(() => document.activeElement.id), 'order-title', 'the focus is kept');
        await textIs(page, statusOf(other), 'Cancelled');
    });

    await test('the order ends as a success, with every event in the table', async () => {
        await page.locator('body').evaluate(() => document.activeElement.blur());
        await openByKeyboard(page, id);
        await textIs(page, '#order-status', 'Success', 60000);
        await page.locator('[data-state=OrderSucceeded].visited').waitFor();
        await page.locator('#picture .current').waitFor({ state: 'detached' });
        await showAllEvents(page);
        await page.locator('#events tr[data-type=ExecutionSucceeded]').waitFor();
        const ids = await page.locator('#events td:first-child').allTextContents();
        assert.deepEqual(ids, ids.map((_, index) => String(index + 1)), 'each event once, in order');
        await tabTo(page, 'tr[data-type=ExecutionStarted] button');
        await page.keyboard.press('Enter');
        const data = JSON.parse(await page.locator('#events pre').textContent());
        assert.equal(data.input.name, 'Step Functions Pizza');
        await page.keyboard.press('Enter');
        await page.locator('#events pre').waitFor({ state: 'detached' });
        await textIs(page, statusOf(id), 'Success');
        await textIs(page, statusOf(declined), 'Failure');
    });

    await test('a page that hears of no change has seen it end', async () => {
        await textIs(deaf, '#order-status', 'Success');
        await deaf.locator('[data-state=OrderSucceeded].visited').waitFor();
        await expectComplaint(deaf, /ERR_FAILED/);
        await deaf.context().close();
    });

    await test('a subscription that the service refuses is said in its words', async () => {
        await typeInto(page, '#email', 'guest@example.org');
        await page.keyboard.press('Enter');
        await textIs(page, '#mail-said', /mail/);
        assert.equal(await page.locator('#mail-said').getAttribute('data-is'), 'bad');
        await expectComplaint(page, /the server responded with a status of 503/);
    });

    if (screenshot) await takeScreenshot(server, page);
    await page.context().close();
    await stopServer(server);
}

async function showAllEvents(page) {
    await page.locator('#events tr').first().waitFor();
    while (await page.locator('#more-events').isVisible()) {
        const before = await page.locator('#events tr').count();
        await page.locator('#more-events').press('Enter');
        await page.waitForFunction((count) => document.querySelectorAll('#events tr').length > count, before);
    }
}

// Some orders in the list, one of them chosen while it waits.
async function takeScreenshot(server, page) {
    await order(server, { name: 'Margherita', restaurantId: 'Restaurant 7', quantity: 2 });
    const id = await order(server,
        { name: 'Quattro stagioni', restaurantId: 'Restaurant 4', quantity: 1, payment: { token: 'tok_ok', amount: 12.5 } });
    await page.goto(`${server.url}?#${id}`);
    await page.locator('[data-state=WaitForChanges].current').waitFor();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: screenshot, caret: 'initial' });
}

// Orders whose time runs 60 times as fast, for what comes of them.
async function whatComesOfOrders() {
    let server = await startServer('ends', '60x', 0, ...NO_MAIL_ARRIVES);
    const page = await openPage(server);

    await test('a declined payment ends as a failure with its message', async () => {
        await placeByKeyboard(page, { ...PIZZA, token: 'tok_declined', amount: 36.5 });
        await textIs(page, '#placed', /^Order placed/);
        const id = (await page.locator('#placed a').getAttribute('href')).slice(1);
        await openByKeyboard(page, id);
        await textIs(page, '#order-status', 'Failure');
        await textIs(page, '#order-error', /card was declined/);
        await page.locator('[data-state=OrderFailed].failed').waitFor();
        await page.locator('[data-state=ProcessPayment].caught').waitFor();
        await textIs(page, statusOf(id), 'Failure');
    });

    await test('a name is text, whatever it looks like', async () => {
        const name = '<img src=x onerror=alert(1)>';
        await placeByKeyboard(page, { ...PIZZA, name });
        await textIs(page, '#placed', `Order placed: ${name}.`);
        const id = (await page.locator('#placed a').getAttribute('href')).slice(1);
        await textIs(page, linkTo(id), name);
        await openByKeyboard(page, id);
        await textIs(page, '#order-title', name);
        await textIs(page, '#order-status', 'Success');
        assert.ok((await page.title()).startsWith(name));
        await tabTo(page, 'tr[data-type=ExecutionStarted] button');
        await page.keyboard.press('Enter');
        assert.match(await page.locator('#events pre').textContent(), /<img src=x onerror=alert\(1\)>/);
        assert.equal(await page.locator('img').count(), 0);
    });

    await test('what the service refuses is said in its words', async () => {
        const answered = page.waitForResponse((response) => response.request().method() === 'POST');
        await placeByKeyboard(page, { name: 'Nothing to do', quantity: 1, restaurantId: ' ' });
        const answer = await answered;
        assert.ok(answer.status() >= 400 && answer.status() < 500, String(answer.status()));
        const { message } = (await answer.json()).error;
        assert.ok(message.length > 3);
        await textIs(page, '#placed', message);
        await expectComplaint(page, /the server responded with a status of 4\d\d/);
    });

    await test('an order without an answer is sent again with the same key, and placed once', async () => {
        const keys = [];
        await page.route('**/orders', async (route) => {
            if (route.request().method() !== 'POST') return route.continue();
            keys.push(route.request().headers()['idempotency-key']);
            if (keys.length > 1) return route.continue();
            await route.fetch();
            return route.abort('connectionreset');
        });
        await placeByKeyboard(page, { ...PIZZA, name: 'Only once' });
        await textIs(page, '#placed', 'Order placed: Only once.');
        await page.unroute('**/orders');
        assert.equal(keys.length, 2);
        assert.equal(keys[0], keys[1]);
        await page.reload();
        await textIs(page, '#rows a', 'Only once');
        assert.equal(await page.locator('#rows a', { hasText: 'Only once' }).count(), 1);
        await expectComplaint(page, /ERR_CONNECTION_RESET/);
    });

    await test('a picture with more than a drawing is refused', async () => {
        const id = (await page.locator('#rows a').first().getAttribute('href')).slice(1);
        const svg = (inner) => `<svg xmlns="http://www.w3.org/2000/svg" class="asl-graph">${inner}</svg>`;
        for (const inner of ['<script>alert(1)</script>', '<g onclick="alert(1)"/>', '<a href="javascript:alert(1)"/>',
            '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>', '<g>']) {
            await page.route('**/graph.svg', (route) => route.fulfill({ contentType: 'image/svg+xml', body: svg(inner) }));
            await page.goto(`${server.url}?again=${encodeURIComponent(inner)}#${id}`);
            await textIs(page, '#picture-said', /^The picture /);
            assert.equal(await page.locator('#picture *').count(), 0, inner);
            await page.unroute('**/graph.svg');
        }
        await expectComplaint(page, /Applying inline style|inline event handler|^policy: (script|style)-src/);
        await page.goto(server.url);
    });

    await test('a subscription asks for confirmation', async () => {
        await typeInto(page, '#email', 'guest@example.org');
        await page.keyboard.press('Enter');
        await textIs(page, '#mail-said', /guest@example\.org .*confirm/);
    });

    await test('the list is read on by keyboard, and by status', async () => {
        for (let count = 0; count < 52; count++) await order(server, { ...PIZZA, name: `Number ${count}` });
        await page.reload();
        await page.locator('#rows tr').nth(49).waitFor();
        assert.equal(await page.locator('#rows tr').count(), 50);
        await tabTo(page, '#more');
        await page.keyboard.press('Enter');
        await textIs(page, '#rows tr:last-child a', PIZZA.name);
        await page.locator('#more').waitFor({ state: 'hidden' });
        const ids = await page.locator('#rows a').evaluateAll((links) => links.map((link) => link.href));
        assert.equal(ids.length, 55);
        assert.equal(new Set(ids).size, ids.length);
        await tabTo(page, '#filter', 'Shift+Tab');
        await page.keyboard.type('Failure');
        await page.waitForFunction(() => document.querySelectorAll('#rows tr').length === 1);
        await textIs(page, '#rows .status', 'Failure');
        await page.keyboard.press('Home');
        await page.locator('#rows tr').nth(49).waitFor();
    });

    await test('axe finds nothing in the list, and it fits a narrow screen', async () => {
        const long = await order(server, { ...PIZZA, name: 'W'.repeat(256), restaurantId: 'M'.repeat(64) });
        await textIs(page, linkTo(long), 'W'.repeat(256));
        await fitsNarrowScreen(page);
        await axeFinds(page, 'the list');
    });

    await test('the page comes back when the server does', async () => {
        const id = (await page.locator('#rows a').first().getAttribute('href')).slice(1);
        await page.locator(linkTo(id)).press('Enter');
        await textIs(page, '#order-status', 'Success');
        await stopServer(server);
        await textIs(page, '#connection', /^Connection lost/);
        server = await startServer('ends', '60x', server.port);
        const missed = await order(server, { ...PIZZA, name: 'Missed' });
        await textIs(page, '#connection', 'Live');
        await textIs(page, linkTo(missed), 'Missed');
        await order(server, { ...PIZZA, name: 'Seen' });
        await textIs(page, '#rows a', 'Seen');
        await textIs(page, '#rows .status', 'Success');
        await expectComplaint(page, /ERR_(CONNECTION|INCOMPLETE|EMPTY|NETWORK)/);
    });
    await page.context().close();
    await stopServer(server);
}

// A page of the list is full, and its last order changes.
async function whenTheListIsLong() {
    const server = await startServer('many', 'real');
    await test('the last order of a page stays in its place when it changes', async () => {
        const ids = [];
        for (let count = 0; count < 51; count++) ids.unshift(await order(server, { ...PIZZA, name: `Number ${count}` }));
        const page = await openPage(server);
        await textIs(page, statusOf(ids[49]), 'Pending');
        await fetch(new URL(`orders/${ids[49]}`, server.url), { method: 'DELETE' });
        await textIs(page, statusOf(ids[49]), 'Cancelled');
        const shown = await page.locator('#rows a').evaluateAll((links) => links.map((link) => link.hash.slice(1)));
        assert.deepEqual(shown, ids.slice(0, 50));
        await page.context().close();
    });
    await stopServer(server);
}

await whatComesOfOrders();
await whenTheListIsLong();
await whileAnOrderWaits();
await test('no page complained, and none asked anybody else', () => {
    assert.deepEqual(complaints.map((one) => one.text), []);
});
await browser.close();
console.log(`page: ${run} tests, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
