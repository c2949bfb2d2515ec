// Popug: what pages do beyond HTML. Everything works without it.
(function () {
    "use strict";

    // Live updates: elements with an id and data-live="topic topic" are replaced by their fresh version, fetched from
    // this page's own address, when an event of one of these topics has been applied.
    const hint = document.getElementById("offline");
    let source = null;
    let timer = null;
    let stale = false;
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
            if (opened) schedule();
            opened = true;
            offline(false);
        });
        source.addEventListener("moved", schedule);
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

    function schedule() {
        stale = true;
        if (timer || busy || document.hidden) return;
        timer = setTimeout(refresh, Math.max(60, last + 1000 - Date.now()));
    }

    async function refresh() {
        timer = null;
        if (document.hidden) return;
        stale = false;
        busy = true;
        last = Date.now();
        try {
            const answer = await fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" } });
            // Signed out meanwhile, or an error: what is shown stays, the next click will tell.
            if (answer.ok && !answer.redirected) {
                replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
            }
        } catch (error) {
            offline(true);
        }
        busy = false;
        if (stale) schedule();
    }

    function replace(page) {
        for (const element of liveElements(document)) {
            const fresh = page.getElementById(element.id);
            if (!fresh || same(fresh, element) || inUse(element)) continue;
            const focus = element.contains(document.activeElement) ? document.activeElement : null;
            const node = document.importNode(fresh, true);
            keepOpen(element, node);
            element.replaceWith(node);
            prepare(node);
            if (focus) refocus(node, focus);
            node.classList.add("moved");
            node.addEventListener("animationend", () => node.classList.remove("moved"), { once: true });
        }
        if (page.title) document.title = page.title;
        document.body.dataset.at = page.body.dataset.at;
    }

    // Idempotency keys of forms are new in every version of the page and change nothing to look at.
    function same(fresh, element) {
        const plain = (node) => {
            const copy = node.cloneNode(true);
            copy.classList.remove("moved");
            if (!copy.classList.length) copy.removeAttribute("class");
            for (const input of copy.querySelectorAll("input[name=once]")) input.removeAttribute("value");
            return copy.outerHTML;
        };
        return plain(fresh) === plain(element);
    }

    // An element in which somebody is typing, or has typed, is left alone.
    function inUse(element) {
        const active = document.activeElement;
        if (active && element.contains(active) && active.matches("input, select, textarea")) return true;
        return Array.from(element.querySelectorAll("input:not([type=hidden]), textarea, select")).some((field) => {
            if (field.matches("select")) return Array.from(field.options).some((o) => o.selected !== o.defaultSelected && o.defaultSelected);
            if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
            return field.value !== field.defaultValue;
        }) || Array.from(element.querySelectorAll("form")).some((form) => form.dataset.sent);
    }

    function keepOpen(element, node) {
        const open = new Set(Array.from(element.querySelectorAll("details[open][id]")).map((details) => details.id));
        for (const details of node.querySelectorAll("details[id]")) if (open.has(details.id)) details.open = true;
    }

    function refocus(node, old) {
        const twin = (old.id && node.querySelector("#" + CSS.escape(old.id)))
            || (old.getAttribute("href") && node.querySelector('[href="' + CSS.escape(old.getAttribute("href")) + '"]'));
        if (twin) twin.focus({ preventScroll: true });
    }

    document.addEventListener("visibilitychange", () => { if (!document.hidden && stale) schedule(); });
    window.addEventListener("pagehide", disconnect);

    // Forms: ask where data-confirm says so; send once.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
        if (form.dataset.sent || (question && !window.confirm(question))) {
            event.preventDefault();
            return;
        }
        if ((form.method || "get") !== "post") return;
        keepTyped(form);
        form.dataset.sent = "1";
        for (const button of form.querySelectorAll("button, input[type=submit]")) button.classList.add("busy");
    });

    // What was typed into a form survives that the session had ended, or that a fresh proof was asked for: it is kept in
    // this tab past the page on which one signs in or confirms, and put back on the form's own page, for the same person.
    // What browsers are not to remember, passwords and files, is not kept.
    const typed = "popug-typed";
    const ways = ["/sign-in", "/confirm"];

    function typedFields(form) {
        if (form.matches("[autocomplete=off]")) return [];
        const other = "[type=hidden], [type=password], [type=file], [type=submit], [type=button], [autocomplete=off]";
        return Array.from(form.elements).filter((field) => field.name && field.matches("input, textarea, select") && !field.matches(other));
    }

    function isTicked(field) { return field.matches("[type=checkbox], [type=radio]"); }

    function person() {
        const name = document.querySelector("a.me");
        return name ? name.textContent : "";
    }

    function formAction(form) {
        return form.getAttribute("action") || location.pathname;
    }

    function keepTyped(form) {
        if (ways.includes(location.pathname)) return;
        const values = typedFields(form).map((field) => isTicked(field) ? field.checked : field.value);
        const text = JSON.stringify({ action: formAction(form), person: person(), values });
        // Where the browser keeps nothing, nothing is kept.
        try { if (values.length && text.length < 200000) sessionStorage.setItem(typed, text); } catch (error) { return; }
    }

    function putBackTyped() {
        let kept = null;
        try {
            kept = JSON.parse(sessionStorage.getItem(typed));
            if (!kept) return;
            if (ways.includes(location.pathname)) {
                kept.ended = true;
                sessionStorage.setItem(typed, JSON.stringify(kept));
                return;
            }
            sessionStorage.removeItem(typed);
        } catch (error) { return; }
        if (!kept.ended || kept.person !== person()) return;
        const form = Array.from(document.forms).find((form) => form.method === "post" && formAction(form) === kept.action
            && typedFields(form).length === kept.values.length);
        if (!form) return;
        typedFields(form).forEach((field, index) => {
            if (isTicked(field)) field.checked = kept.values[index];
            else field.value = kept.values[index];
        });
    }

    // A page that comes back from the browser's memory can be sent again, and listens again.
    window.addEventListener("pageshow", (event) => {
        if (!event.persisted) return;
        for (const form of document.querySelectorAll("form[data-sent]")) {
            delete form.dataset.sent;
            for (const button of form.querySelectorAll(".busy")) button.classList.remove("busy");
        }
        connect();
        schedule();
    });

    // Filters send themselves when a choice is made.
    document.addEventListener("change", (event) => {
        const form = event.target.form;
        if (form && form.matches("[data-auto]") && event.target.matches("select, input[type=date]")) form.requestSubmit();
    });

    // Copying: a button with data-copy="text".
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-copy]");
        if (!button || !navigator.clipboard) return;
        navigator.clipboard.writeText(button.dataset.copy).then(() => {
            const text = button.textContent;
            button.textContent = button.dataset.copied || "✓";
            setTimeout(() => { button.textContent = text; }, 1500);
        });
    });

    // Wide tables can be scrolled from the keyboard.
    function prepare(root) {
        for (const wide of root.querySelectorAll(".scroll")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
        for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
    }

    prepare(document);
    putBackTyped();
    connect();
})();
