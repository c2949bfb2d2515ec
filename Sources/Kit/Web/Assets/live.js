// Popug: what changes on a page by itself.
(function () {
    "use strict";

    const { prepare, focusRow, copied } = window.popug;

    // Live updates: elements with an id and data-live="topic topic" get what has changed in them, from this page's own
    // address, when an event of one of these topics has been applied. Rows are known by their ids. What is under the
    // pointer or has the focus stays where it is: new rows wait behind a button, and rows that are gone fade.
    const hint = document.getElementById("offline");
    let source = null;
    let timer = null;
    let moved = new Set();
    let busy = false;
    let last = 0;

    function liveElements(root) {
        return Array.from(root.querySelectorAll("[data-live][id]"));
    }

    function topics() {
        const names = liveElements(document).flatMap((element) => element.dataset.live.split(/\s+/));
        return Array.from(new Set(names.filter(Boolean))).sort();
    }

    function connect() {
        const wanted = topics();
        if (!wanted.length || !window.EventSource || source) return;
        let opened = false;
        // What has moved since the page was made is told at once.
        const since = document.body.dataset.at || "";
        source = new EventSource("/live?topics=" + wanted.map(encodeURIComponent).join(",") + "&since=" + since);
        source.addEventListener("open", () => {
            // What moved while the stream was away was not told of.
            if (opened) schedule(topics());
            opened = true;
            offline(false);
        });
        source.addEventListener("moved", (event) => schedule([event.data]));
        source.addEventListener("error", () => {
            offline(true);
            if (source && source.readyState === EventSource.CLOSED) {
                disconnect();
                setTimeout(connect, 5000);
            }
        });
    }

    function disconnect() {
        if (source) source.close();
        source = null;
    }

    let hintTimer = null;
    function offline(away) {
        if (!hint) return;
        if (!away) {
            clearTimeout(hintTimer);
            hintTimer = null;
            hint.hidden = true;
        } else if (!hintTimer) {
            // A restart of the server is shorter than this, and worth no alarm. Each try that fails is heard of here.
            hintTimer = setTimeout(() => { hint.hidden = false; }, 4000);
        }
    }

    function schedule(names) {
        for (const name of names) moved.add(name);
        if (timer || busy || document.hidden || !moved.size) return;
        timer = setTimeout(refresh, Math.max(60, last + 1000 - Date.now()));
    }

    async function refresh() {
        timer = null;
        if (document.hidden) return;
        const asked = moved;
        moved = new Set();
        busy = true;
        last = Date.now();
        try {
            const changed = liveElements(document).filter((element) => element.dataset.live.split(/\s+/).some((topic) => asked.has(topic)));
            // What waits, beside the navigation, comes from an address of its own.
            const places = new Set(changed.map((element) => element.dataset.from || location.href));
            await Promise.all(Array.from(places, (place) => ask(place, asked)));
            offline(false);
        } catch (error) {
            // Asked again: until then what is shown may be old.
            offline(true);
            setTimeout(() => schedule(asked), 5000);
        }
        busy = false;
        schedule([]);
    }

    async function ask(place, topics) {
        const isPage = place === location.href;
        const headers = { "X-Live": Array.from(topics).sort().join(" ") };
        const answer = await fetch(place, { credentials: "same-origin", headers });
        if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
        // Signed out meanwhile: what is shown stays, the next click will tell.
        if (!answer.ok || answer.redirected) return;
        update(new DOMParser().parseFromString(await answer.text(), "text/html"), isPage);
    }

    // What has come for an element that somebody is at: by the element's id.
    const waiting = new Map();
    const pill = document.getElementById("pill");

    function update(page, isPage) {
        let found = false;
        for (const element of liveElements(document)) {
            const fresh = page.getElementById(element.id);
            if (!fresh) continue;
            apply(element, fresh);
            found = true;
        }
        // A form that was refused stands at an address that may be another page's.
        if (isPage && found && page.title) document.title = page.title;
        if (isPage && page.body.dataset.at) document.body.dataset.at = page.body.dataset.at;
        tell();
    }

    function apply(element, fresh) {
        const change = { held: isHeld(element), news: [], rows: [] };
        const rest = !morph(element, fresh, change);
        prepare(element);
        if (change.news.length || element.querySelector(".gone")) waiting.set(element.id, { fresh, news: change.news });
        else waiting.delete(element.id);
        if (rest) return;
        for (const row of change.rows.length ? change.rows : [element]) flash(row);
    }

    function flash(element) {
        element.classList.add("moved");
        setTimeout(() => element.classList.remove("moved"), 1300);
    }

    // A finger has no pointer that hovers: a list that can be seen is one that may be aimed at.
    const fingers = window.matchMedia("(hover: none)");

    function isHeld(element) {
        const active = document.activeElement;
        if (active && active !== element && element.contains(active)) return true;
        if (!fingers.matches) return element.matches(":hover");
        const box = element.getBoundingClientRect();
        return box.top < window.innerHeight && box.bottom > 0;
    }

    function tell() {
        const count = Array.from(waiting.values()).reduce((sum, entry) => sum + entry.news.length, 0);
        pill.hidden = !count;
        pill.textContent = count + " " + document.body.dataset.sayNew;
    }

    // What waited is shown: when it is asked for, or when nobody is at the element any more.
    function release(asked) {
        let first = null;
        for (const [id, entry] of Array.from(waiting)) {
            const element = document.getElementById(id);
            if (element && !asked && isHeld(element)) continue;
            waiting.delete(id);
            if (!element) continue;
            const change = { held: false, news: [], rows: [] };
            morph(element, entry.fresh, change);
            prepare(element);
            change.rows.forEach(flash);
            first = first || (entry.news.length && document.getElementById(entry.news[0]));
        }
        if (asked && first) focusRow(first);
        tell();
    }

    let leaving = null;
    function mayRelease() {
        if (!waiting.size) return;
        clearTimeout(leaving);
        leaving = setTimeout(() => release(false), 150);
    }
    document.addEventListener("pointerout", mayRelease);
    document.addEventListener("focusout", mayRelease);
    document.addEventListener("scroll", () => { if (fingers.matches) mayRelease(); }, { passive: true });
    pill.addEventListener("click", () => release(true));

    // Makes the old element like the fresh one, keeping what stays. Says whether anything that can be seen has changed.
    function morph(old, fresh, change) {
        if (old.matches("form[data-sent]") || old.isEqualNode(fresh)) return false;
        if (old.matches("[data-copy]")) return morphCopied(old, fresh);
        let seen = morphAttributes(old, fresh);
        if (old.matches("textarea, select") && isUsed(old)) return seen;
        seen = morphChildren(old, fresh, change) || seen;
        return seen;
    }

    function morphAttributes(old, fresh) {
        let seen = false;
        const isField = old.matches("input:not([type=hidden])");
        if (isField && isUsed(old)) return false;
        // Open details stay open; classes that only this script knows stay, too.
        const own = (name) => name === "open" || name === "tabindex" || name === "aria-disabled";
        for (const { name } of Array.from(old.attributes)) {
            if (!fresh.hasAttribute(name) && !own(name) && name !== "class") { old.removeAttribute(name); seen = true; }
        }
        for (const { name, value } of Array.from(fresh.attributes)) {
            if (name === "open" || old.getAttribute(name) === value) continue;
            if (name === "class") continue;
            old.setAttribute(name, value);
            // Keys of forms are new in every version of the page and change nothing to look at.
            if (!(name === "value" && old.matches("[type=hidden]"))) seen = true;
        }
        const classes = (node) => Array.from(node.classList).filter((name) => name !== "moved" && name !== "busy").join(" ");
        if (classes(old) !== classes(fresh)) { old.className = fresh.className; seen = true; }
        return seen;
    }

    function isUsed(field) {
        if (field === document.activeElement) return true;
        if (field.matches("select")) return Array.from(field.options).some((o) => o.selected !== o.defaultSelected && o.defaultSelected);
        if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
        return field.value !== field.defaultValue;
    }

    function morphCopied(old, fresh) {
        const text = fresh.textContent;
        if (copied(old) === text) return false;
        old.replaceChildren(text);
        return true;
    }

    function isNamed(node) { return node.nodeType === Node.ELEMENT_NODE && Boolean(node.id); }
    function isRow(node) { return isNamed(node) && node.matches("tr, li"); }

    function morphChildren(old, fresh, change) {
        let seen = false;
        const wanted = new Set(Array.from(fresh.children).map((node) => node.id).filter(Boolean));
        for (const row of Array.from(old.children).filter((node) => node.id && !wanted.has(node.id))) {
            seen = leave(row, change) || seen;
        }
        const lastKept = Array.from(fresh.children).findLast((node) => node.id && old.querySelector(":scope > #" + CSS.escape(node.id)));
        // Between rows the space says nothing. Were it matched too, a row that fades would move all rows below it.
        const hasRows = Boolean(lastKept) || Array.from(old.children).some(isNamed);
        const isSpace = (node) => hasRows && node.nodeType === Node.TEXT_NODE && !node.data.trim();
        let place = old.firstChild;
        let below = Boolean(lastKept);
        for (const node of Array.from(fresh.childNodes)) {
            if (isSpace(node)) continue;
            while (place && (isSpace(place) || isNamed(place) && place.classList.contains("gone"))) place = place.nextSibling;
            let twin = null;
            if (isNamed(node)) twin = old.querySelector(":scope > #" + CSS.escape(node.id));
            else if (place && !isNamed(place) && place.nodeName === node.nodeName) twin = place;
            if (isRow(node) && !twin && change.held && below) {
                change.news.push(node.id);
                continue;
            }
            if (node === lastKept) below = false;
            if (!twin) {
                const made = document.importNode(node, true);
                old.insertBefore(made, place);
                if (isRow(made)) change.rows.push(made);
                seen = seen || node.nodeType === Node.ELEMENT_NODE || Boolean(node.textContent.trim());
                continue;
            }
            if (twin.classList && twin.classList.contains("gone")) comeBack(twin);
            if (twin === place) place = place.nextSibling;
            else old.insertBefore(twin, place);
            if (node.nodeType === Node.ELEMENT_NODE) {
                const before = change.rows.length;
                const differs = morph(twin, node, change);
                if (differs && isRow(twin) && change.rows.length === before) change.rows.push(twin);
                seen = differs || seen;
            } else if (twin.data !== node.data) {
                seen = seen || twin.data.trim() !== node.data.trim();
                twin.data = node.data;
            }
        }
        while (place) {
            const next = place.nextSibling;
            if (!isSpace(place) && !(isNamed(place) && place.classList.contains("gone"))) {
                seen = seen || place.nodeType === Node.ELEMENT_NODE;
                place.remove();
            }
            place = next;
        }
        return seen;
    }

    // A row that is no longer there: it goes, or fades for as long as somebody is at the list.
    function leave(row, change) {
        if (!change.held || !isRow(row)) {
            if (row.contains(document.activeElement)) focusRow(row.nextElementSibling || row.previousElementSibling);
            row.remove();
            return true;
        }
        if (row.classList.contains("gone")) return false;
        row.classList.add("gone");
        for (const control of row.querySelectorAll("button, input, select")) control.setAttribute("aria-disabled", "true");
        return false;
    }

    function comeBack(row) {
        row.classList.remove("gone");
        for (const control of row.querySelectorAll("[aria-disabled]")) control.removeAttribute("aria-disabled");
    }

    // A page that nobody sees does not listen: browsers keep few connections to one place. What it misses meanwhile it is
    // told when it listens again.
    let unseen = null;
    document.addEventListener("visibilitychange", () => {
        clearTimeout(unseen);
        if (document.hidden) {
            unseen = setTimeout(disconnect, 10000);
            return;
        }
        connect();
        schedule([]);
    });
    window.addEventListener("pagehide", disconnect);

    // A page that comes back from the browser's memory listens again.
    window.addEventListener("pageshow", (event) => {
        if (!event.persisted) return;
        connect();
        schedule(topics());
    });

    connect();
})();
