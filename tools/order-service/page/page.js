// The page of the order service: places orders, lists them as they change, and shows where one is.
// What the service says goes into the page as text only; its picture is looked through element by
// element before it is shown.

const WORDS = {
    QUEUED: 'Queued', PENDING: 'Pending', SUCCESS: 'Success', FAILURE: 'Failure', CANCELLED: 'Cancelled',
};
const PAGE_SIZE = 50;
const PICTURE_ELEMENTS = new Set(['svg', 'g', 'path', 'rect', 'circle', 'text', 'title', 'desc']);
const PICTURE_ATTRIBUTES = new Set(['xmlns', 'class', 'role', 'width', 'height', 'viewBox', 'd', 'x', 'y', 'rx', 'cx',
    'cy', 'r', 'data-state']);

const $ = (id) => document.getElementById(id);
const delay = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
}

function say(id, text, kind = '') {
    if ($(id).textContent !== text) $(id).textContent = text;
    $(id).dataset.is = kind;
}

function statusWord(status) {
    const made = element('span', { className: 'status', textContent: WORDS[status] ?? status });
    made.dataset.status = status;
    return made;
}

function timeOf(text, withDay = true) {
    const date = new Date(text);
    const clock = date.toLocaleTimeString('en-GB');
    const today = !withDay || date.toDateString() === new Date().toDateString();
    const words = today ? clock : `${date.toLocaleDateString('en-CA')} ${clock.slice(0, 5)}`;
    return element('time', { dateTime: text, title: text, textContent: words });
}

// A place where a long name may break, before each capital letter.
function breakable(name) {
    return name.split(/(?<=[a-z0-9])(?=[A-Z])/).flatMap((part) => [document.createElement('wbr'), part]);
}

// ---- The service ----

// The answer's text. An error has the service's message and the status; 0 where no answer came.
async function ask(path, options = {}) {
    let answer, text;
    try {
        answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(15000), ...options });
        text = await answer.text();
    } catch {
        throw Object.assign(new Error('The service does not answer.'), { status: 0 });
    }
    if (answer.ok) return text;
    let message;
    try {
        message = JSON.parse(text).error.message;
    } catch { /* not the service's own words */ }
    throw Object.assign(new Error(message ?? `The service answered ${answer.status}.`), { status: answer.status });
}

const askJson = async (path, options) => JSON.parse(await ask(path, options));

const post = (path, body, headers = {}) => askJson(path, {
    method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers },
});

// ---- Placing an order ----

let attempt = { body: null, key: null };

// A random UUID; where the page does not come by HTTPS, browsers give random bytes only.
function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function orderOf(form) {
    const value = (name) => form.elements[name].value.trim();
    const order = { name: value('name'), quantity: Number(value('quantity')) };
    if (value('restaurantId')) order.restaurantId = value('restaurantId');
    if (value('token') || value('amount')) {
        order.payment = {};
        if (value('token')) order.payment.token = value('token');
        if (value('amount')) order.payment.amount = Number(value('amount'));
    }
    return order;
}

// The same key goes with the same order until there is an answer, so it is placed once.
async function placeOnce(body) {
    if (attempt.body !== body) attempt = { body, key: newKey() };
    for (const pause of [500, 1500, 3000, null]) {
        try {
            const answer = await post('orders', body, { 'Idempotency-Key': attempt.key });
            attempt = { body: null, key: null };
            return answer;
        } catch (error) {
            if (error.status > 0 && error.status < 500) attempt = { body: null, key: null };
            if (error.status !== 0 || pause === null) throw error;
            say('placed', 'No answer yet. Trying again.');
            await delay(pause);
        }
    }
}

async function place(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector('button');
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    const order = orderOf(form);
    say('placed', 'Placing the order.');
    try {
        const answer = await placeOnce(JSON.stringify(order));
        const id = answer.SendMessageResponse.SendMessageResult.MessageId;
        say('placed', '', 'good');
        if (JSON.stringify(orderOf(form)) === JSON.stringify(order)) form.reset();
        $('placed').append('Order placed: ', element('a', { href: '#' + id, textContent: order.name }), '.');
        if ($('connection').dataset.is !== 'live') loadList();
    } catch (error) {
        say('placed', error.status === 0 ? `${error.message} Press the button again: it will be placed once.` :
            error.message, 'bad');
    }
    button.removeAttribute('aria-disabled');
}

// ---- The list ----

const list = { orders: [], rows: new Map(), next: null, load: 0, loading: false, meanwhile: [] };

function rowOf(order) {
    let row = list.rows.get(order.orderId);
    if (!row) {
        row = element('tr', {}, element('td'), element('td'), element('td'));
        row.cells[0].append(element('a', { href: '#' + order.orderId }), element('span', { className: 'soft' }));
        list.rows.set(order.orderId, row);
    }
    const [link, where] = row.cells[0].children;
    link.textContent = order.name ?? 'No name';
    where.textContent = [`Quantity ${order.quantity ?? '?'}`, order.restaurantId].filter(Boolean).join(', ');
    row.cells[1].replaceChildren(timeOf(order.createdAt));
    if (row.dataset.status !== order.orderStatus) row.cells[2].replaceChildren(statusWord(order.orderStatus));
    row.dataset.status = order.orderStatus;
    return row;
}

function markChosen() {
    for (const [id, row] of list.rows) {
        const link = row.querySelector('a');
        if (id === chosen) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
    }
}

// Rows that stay are not moved, so the focus stays as well.
function drawList() {
    const ids = new Set(list.orders.map((order) => order.orderId));
    for (const [id, row] of list.rows) {
        if (ids.has(id)) continue;
        row.remove();
        list.rows.delete(id);
    }
    let before = $('rows').firstElementChild;
    for (const order of list.orders) {
        const row = rowOf(order);
        if (row === before) before = before.nextElementSibling;
        else $('rows').insertBefore(row, before);
    }
    $('more').hidden = !list.next;
    say('rows-said', list.orders.length || list.loading ? '' : 'No orders here.');
    markChosen();
}

// Puts an order where it belongs, newest first: ids are ordered by time. What is older than all that
// is shown comes with a later page.
function putOrder(order) {
    const index = list.orders.findIndex((other) => other.orderId <= order.orderId);
    const known = list.orders[index]?.orderId === order.orderId ? 1 : 0;
    const wanted = !$('filter').value || $('filter').value === order.orderStatus;
    if (index >= 0) list.orders.splice(index, known, ...(wanted ? [order] : []));
    else if (wanted && !list.next) list.orders.push(order);
}

function pageOfList(after) {
    const query = new URLSearchParams({ limit: PAGE_SIZE });
    if ($('filter').value) query.set('status', $('filter').value);
    if (after) query.set('after', after);
    return askJson('orders?' + query);
}

// Reads the list anew, as far as it was shown. What changes meanwhile is newer than what is read.
async function loadList(shown = list.orders.length) {
    const load = ++list.load;
    list.loading = true;
    list.meanwhile = [];
    try {
        let page = await pageOfList();
        let orders = page.orders;
        while (page.next && orders.length < shown) {
            page = await pageOfList(page.next);
            orders = orders.concat(page.orders);
        }
        if (load !== list.load) return;
        Object.assign(list, { orders, next: page.next, loading: false });
        list.meanwhile.forEach(putOrder);
        drawList();
    } catch (error) {
        if (load !== list.load) return;
        list.loading = false;
        say('rows-said', error.message, 'bad');
    }
}

async function loadMore() {
    const load = list.load;
    try {
        const page = await pageOfList(list.next);
        if (load !== list.load) return;
        const known = new Set(list.orders.map((order) => order.orderId));
        list.orders.push(...page.orders.filter((order) => !known.has(order.orderId)));
        list.next = page.next;
        drawList();
        if ($('more').hidden) $('rows').lastElementChild?.querySelector('a').focus();
    } catch (error) {
        say('rows-said', error.message, 'bad');
    }
}

// ---- Changes as they come ----

let pauseBeforeConnecting = 1000;

function connect() {
    const source = new EventSource('events');
    source.onopen = () => {
        pauseBeforeConnecting = 1000;
        say('connection', 'Live', 'live');
        loadList();
        refresh();
    };
    source.addEventListener('order', (event) => {
        const order = JSON.parse(event.data);
        if (list.loading) list.meanwhile.push(order);
        putOrder(order);
        drawList();
        if (order.orderId === chosen) refresh();
    });
    source.onerror = () => {
        say('connection', 'Connection lost. Trying again.', 'lost');
        if (source.readyState !== EventSource.CLOSED) return;
        setTimeout(connect, pauseBeforeConnecting);
        pauseBeforeConnecting = Math.min(pauseBeforeConnecting * 2, 15000);
    };
}

// ---- One order ----

let chosen = null;
let view = newView();
let refreshing = false;
let refreshAgain = false;

function newView() {
    return { order: null, clock: null, polls: 3, page: null, next: null, last: 0, states: new Map(), waits: new Map(),
        hasEnded: false, picture: null, drawnFor: null, inSight: null };
}

function choose(event) {
    const id = /^#([\w-]{8,80})$/.exec(location.hash)?.[1] ?? null;
    if (id === chosen && event) return;
    chosen = id;
    view = newView();
    $('order').hidden = id === null;
    $('empty').hidden = id !== null;
    $('order-title').textContent = 'Order';
    for (const part of ['order-status', 'facts', 'picture', 'events']) $(part).replaceChildren();
    for (const part of ['order-error', 'cancel-said', 'picture-said']) say(part, '');
    for (const part of ['wait', 'cancel', 'more-events']) $(part).hidden = true;
    document.title = 'Orders';
    markChosen();
    if (event && id) $('order-title').focus();
    refresh();
}

// The outcome is written before it is published: the workflow goes on for a moment.
const isRunning = () => ['QUEUED', 'PENDING', 'SUCCESS', 'FAILURE'].includes(view.order?.orderStatus) &&
    !view.hasEnded && view.next === null;
const waitOf = (order) => order?.active?.find((active) => active.type === 'Wait' && active.due);

function drawFacts(order) {
    const facts = [
        ['Restaurant', order.restaurantId], ['Quantity', order.quantity],
        ['Payment', order.payment?.amount], ['Placed', timeOf(order.createdAt)],
        ['Now in', order.active?.map((active) => active.state +
            (active.attempt > 0 ? ` (attempt ${active.attempt + 1})` : '')).join(', ')],
        ['Number', order.orderId],
    ];
    $('facts').replaceChildren(...facts.filter(([, value]) => (value ?? '') !== '')
        .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
}

function drawOrder() {
    const order = view.order;
    const word = WORDS[order.orderStatus] ?? order.orderStatus;
    $('order-title').textContent = order.name ?? 'No name';
    document.title = `${order.name ?? 'No name'}: ${word} - Orders`;
    if ($('order-status').textContent !== word) $('order-status').replaceChildren(statusWord(order.orderStatus));
    say('order-error', order.errorMessage ?? '', 'bad');
    drawFacts(order);
    const wait = waitOf(order);
    const hidden = !(order.orderStatus === 'QUEUED' || (order.orderStatus === 'PENDING' && wait));
    if (hidden && document.activeElement === $('cancel')) $('order-title').focus();
    $('cancel').hidden = hidden;
    $('wait').hidden = !wait;
    $('wait-state').textContent = wait ? `Waits in ${wait.state}. Time left:` : '';
    drawCountdown();
}

// The workflow's time runs `scale` times as fast as the clock on the wall, which is what is shown.
function drawCountdown() {
    const wait = waitOf(view.order);
    if (!wait || !view.clock) return;
    const now = view.clock.now + (performance.now() - view.clock.at) * view.clock.scale;
    const left = Math.max(0, Date.parse(wait.due) - now);
    const seconds = Math.ceil(left / view.clock.scale / 1000);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if ($('left').textContent !== text) $('left').textContent = text;
    const entered = view.waits.get(wait.state);
    const whole = entered ? Date.parse(wait.due) - entered : 0;
    $('left-bar').value = whole > 0 ? Math.min(1, 1 - left / whole) : 0;
}

// ---- The picture ----

// The parsed picture without its style, which stands in page.css (even the parser would count it as a
// breach of the page's policy). Anything that is no plain drawing is refused: no scripts, no links, no
// foreign elements, no attribute but those that place a shape.
function pictureOf(text) {
    const plain = text.replace(/<style>[^<]*<\/style>/, '');
    const root = new DOMParser().parseFromString(plain, 'image/svg+xml').documentElement;
    if (root.localName !== 'svg') throw new Error('The picture cannot be read.');
    for (const part of [root, ...root.querySelectorAll('*')]) {
        const known = part.namespaceURI === 'http://www.w3.org/2000/svg' && PICTURE_ELEMENTS.has(part.localName) &&
            [...part.attributes].every((attribute) => PICTURE_ATTRIBUTES.has(attribute.name));
        if (!known) throw new Error('The picture holds what is no drawing, and is not shown.');
    }
    return document.importNode(root, true);
}

// Says in words what the marks say, and brings the state into sight that the order is in, or ended in.
function describePicture() {
    const current = [...$('picture').querySelectorAll('.current')];
    const end = $('picture').querySelector('.fail.visited, .succeed.visited');
    const words = current.length ? `now in ${current.map((state) => state.dataset.state).join(', ')}` :
        WORDS[view.order.orderStatus] ?? '';
    $('picture').querySelector('svg')?.setAttribute('aria-label', `The order's workflow: ${words}`);
    scrollPictureTo(current[0] ?? end);
}

// Once for each state that the order comes to; else the picture stays where the reader has put it.
function scrollPictureTo(state) {
    if (!state || view.inSight === state.dataset.state) return;
    view.inSight = state.dataset.state;
    const box = $('picture').getBoundingClientRect();
    const at = state.getBoundingClientRect();
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    $('picture').scrollBy({
        top: at.top + at.height / 2 - box.top - box.height / 2,
        left: at.left + at.width / 2 - box.left - box.width / 2,
        behavior: calm ? 'auto' : 'smooth',
    });
}

function showPicture(text) {
    try {
        $('picture').replaceChildren(pictureOf(text));
        say('picture-said', '');
    } catch (error) {
        $('picture').replaceChildren();
        say('picture-said', error.message, 'bad');
    }
}

async function drawPicture(id) {
    const text = await ask(`orders/${id}/graph.svg`);
    if (id !== chosen) return;
    if (text !== view.picture) showPicture(text);
    view.picture = text;
    describePicture();
}

// ---- The events ----

// A state's events name it; a task's events belong to the state of the event before them.
function stateOf(event, details) {
    const named = /State(Entered|Exited)$/.exec(event.type);
    const state = named ? details?.name ?? '' : view.states.get(event.previousEventId) ?? '';
    view.states.set(event.id, named?.[1] === 'Exited' ? '' : state);
    if (/^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(event.type)) view.hasEnded = true;
    if (event.type === 'WaitStateEntered') view.waits.set(state, Date.parse(event.timestamp));
    return /^Execution/.test(event.type) ? '' : state;
}

// Inputs and outputs are JSON in a text; shown as what they are.
function unfold(key, value) {
    if (!['input', 'output', 'parameters'].includes(key) || typeof value !== 'string') return value;
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}

function addEvent(event) {
    const key = Object.keys(event).find((name) => name.endsWith('EventDetails'));
    const details = event[key];
    const state = stateOf(event, details);
    const row = element('tr', {}, element('td', {}, String(event.id)), element('td', {}, ...breakable(event.type)),
        element('td', {}, ...breakable(state)),
        element('td', {}, timeOf(event.timestamp, false)), element('td'));
    row.dataset.type = event.type;
    $('events').append(row);
    if (!details) return;
    const open = element('button', { type: 'button', className: 'open', textContent: '+' });
    open.setAttribute('aria-expanded', 'false');
    open.setAttribute('aria-label', `Data of event ${event.id}`);
    row.lastElementChild.append(open);
    open.addEventListener('click', () => showDetails(open, row, details));
}

function showDetails(open, row, details) {
    const shown = open.getAttribute('aria-expanded') === 'true';
    open.setAttribute('aria-expanded', String(!shown));
    open.textContent = shown ? '+' : '\u2212';
    if (shown) return row.nextElementSibling.remove();
    const text = JSON.stringify(details, unfold, 2);
    row.after(element('tr', { className: 'details' }, element('td', { colSpan: 5 }, element('pre', {}, text))));
}

// Reads the last page known again: what is new stands at its end. True where something was.
async function readEvents(id) {
    const query = view.page ? '?' + new URLSearchParams({ after: view.page }) : '';
    const page = await askJson(`orders/${id}/history${query}`);
    if (id !== chosen) return false;
    const fresh = page.events.filter((event) => event.id > view.last);
    fresh.forEach(addEvent);
    view.last = fresh.at(-1)?.id ?? view.last;
    view.next = page.nextToken ?? null;
    $('more-events').hidden = view.next === null;
    return fresh.length > 0;
}

async function moreEvents() {
    if (view.next) view.page = view.next;
    await refresh();
    if ($('more-events').hidden) $('events').lastElementChild?.querySelector('button')?.focus();
}

// ---- Keeping up ----

async function refreshOrder(id) {
    const order = await askJson(`orders/${id}`);
    if (id !== chosen) return;
    view.order = order;
    view.clock = order.clock &&
        { now: Date.parse(order.clock.now), scale: order.clock.scale || 1, at: performance.now() };
    drawOrder();
    const isNew = await readEvents(id);
    if (id !== chosen) return;
    drawCountdown();
    const now = JSON.stringify([order.orderStatus, order.active]);
    if (!isNew && now === view.drawnFor) return;
    await drawPicture(id);
    view.drawnFor = now;
}

// One at a time; who asks meanwhile gets one more.
async function refresh() {
    refreshAgain = true;
    if (refreshing) return;
    refreshing = true;
    while (refreshAgain && chosen) {
        const id = chosen;
        refreshAgain = false;
        try {
            await refreshOrder(id);
        } catch (error) {
            if (id === chosen) say('order-error', error.message, 'bad');
            if (error.status >= 400 && error.status < 500) view.polls = 0;
        }
    }
    refreshing = false;
}

// Each second while it runs, and a few times more for what comes late.
function poll() {
    if (!chosen || document.hidden) return;
    if (isRunning()) view.polls = 3;
    if (view.polls-- > 0) refresh();
}

async function cancel() {
    const id = chosen;
    say('cancel-said', 'Cancelling.');
    try {
        await ask(`orders/${id}`, { method: 'DELETE' });
        if (id === chosen) say('cancel-said', 'The order is cancelled.', 'good');
    } catch (error) {
        if (id === chosen) say('cancel-said', error.message, 'bad');
    }
    refresh();
}

async function subscribe(event) {
    event.preventDefault();
    const email = event.target.elements.email.value.trim();
    say('mail-said', 'Asking for it.');
    try {
        await post('subscriptions', JSON.stringify({ email }));
        say('mail-said', `A mail to ${email} is on its way. Please confirm with its link.`, 'good');
    } catch (error) {
        say('mail-said', error.message, 'bad');
    }
}

// The hash is the chosen order's, so links inside the page move the focus alone.
function jumpTo(event) {
    event.preventDefault();
    $('orders').focus();
}

$('place').addEventListener('submit', place);
$('mail').addEventListener('submit', subscribe);
$('filter').addEventListener('change', () => loadList(0));
$('more').addEventListener('click', loadMore);
$('more-events').addEventListener('click', moreEvents);
$('cancel').addEventListener('click', cancel);
$('skip').addEventListener('click', jumpTo);
$('back').addEventListener('click', jumpTo);
addEventListener('hashchange', choose);
document.addEventListener('visibilitychange', refresh);
setInterval(drawCountdown, 250);
setInterval(poll, 1000);
choose();
connect();
