// Popug: passkeys. The browser asks for a finger, a face or a PIN; what it answers is sent by the page's own form:
// data-passkey="create" or "get", with data-options, or data-from where options are to be had; data-conditional for the
// one that is sent when a passkey is chosen in a field with autocomplete="… webauthn"; a field `response`; and
// data-passkey-said, where data-cancelled, data-there-already or data-failed is said.
(function () {
    "use strict";

    // Passkeys belong to domains: at an address of numbers there are none.
    const numbers = /^[\d.]+$|^\[/.test(location.hostname);
    const supported = Boolean(window.PublicKeyCredential && navigator.credentials) && !numbers;
    // A challenge works for five minutes: one that is older than this is not used any more.
    const longest = 240000;

    // Options are JSON with base64url in it. They are decoded here for every browser: not all can do it themselves.

    function bytes(text) {
        return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    }

    function encode(buffer) {
        const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
        return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    }

    function decoded(options) {
        const made = { ...options, challenge: bytes(options.challenge) };
        if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
        for (const name of ["excludeCredentials", "allowCredentials"]) {
            if (options[name]) made[name] = options[name].map((one) => ({ ...one, id: bytes(one.id) }));
        }
        return made;
    }

    function written(credential) {
        // Password managers answer with objects of their own, whose toJSON may be missing or throw.
        try { return JSON.stringify(credential.toJSON()); } catch (error) { /* Written here. */ }
        const response = {};
        for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
            if (credential.response[name]) response[name] = encode(credential.response[name]);
        }
        if (credential.response.getTransports) response.transports = credential.response.getTransports();
        const { id, rawId, type } = credential;
        const clientExtensionResults = credential.getClientExtensionResults ? credential.getClientExtensionResults() : {};
        return JSON.stringify({ id, rawId: encode(rawId), type, response, clientExtensionResults });
    }

    // The options of a form: what stands in it, or what the server gave since; and since when.
    let held = new WeakMap();
    let shown = Date.now();

    function isRecent(moment) {
        const age = Date.now() - moment;
        return age >= 0 && age < longest;
    }

    function options(form) {
        const known = held.get(form);
        const stands = form.dataset.options;
        if (known && known.stands === stands && isRecent(known.at)) return known.text;
        // An update of the page has put new ones in.
        if (stands && known && known.stands !== stands) return hold(form, Promise.resolve(stands), Date.now());
        if (stands && !known && isRecent(shown)) return hold(form, Promise.resolve(stands), shown);
        return hold(form, fetched(form), Date.now());
    }

    function hold(form, text, at) {
        const entry = { stands: form.dataset.options, text, at };
        held.set(form, entry);
        text.catch(() => { if (held.get(form) === entry) held.delete(form); });
        return text;
    }

    // From an address of their own, or from the page as it is now.
    async function fetched(form) {
        const from = form.dataset.from;
        const answer = await fetch(from || location.href, { credentials: "same-origin", cache: "no-store" });
        const text = answer.ok && !answer.redirected ? await answer.text() : null;
        if (from) {
            if (text === null) throw new Error(String(answer.status));
            return text;
        }
        const fresh = text && twin(new DOMParser().parseFromString(text, "text/html"), form);
        // A page that only a form leads to is not there twice: the server says what is wrong with the old ones.
        return fresh ? fresh.dataset.options : form.dataset.options;
    }

    function twin(page, form) {
        const action = form.getAttribute("action");
        return Array.from(page.querySelectorAll("form[data-passkey]")).find((other) => other.getAttribute("action") === action);
    }

    // One at a time: browsers refuse a second while the first one waits.
    let running = null;
    let answered = null;

    function begin(form, quiet) {
        const before = running;
        const mine = { form, quiet, stop: new AbortController() };
        running = mine;
        if (!quiet) show(form, null);
        mark(form, !quiet);
        if (before) before.stop.abort();
        mine.over = finish(mine, before);
    }

    async function finish(mine, before) {
        let said = null;
        try {
            // Not all that takes the place of a browser's own answer ends when it is told to.
            if (before) await Promise.race([before.over, new Promise((done) => setTimeout(done, 500))]);
            const given = await answer(mine);
            if (given && !mine.stop.signal.aborted) send(mine.form, given);
        } catch (error) {
            said = { NotAllowedError: "cancelled", InvalidStateError: "thereAlready" }[error.name] || "failed";
        }
        if (running === mine) running = null;
        const form = standing(mine.form);
        if (!form || mine.quiet || running && running.form === form) return;
        mark(form, Boolean(form.dataset.sent));
        if (!said || mine.stop.signal.aborted) return;
        show(form, said);
        watch();
    }

    async function answer(mine) {
        const { signal } = mine.stop;
        const publicKey = decoded(JSON.parse(await options(mine.form)));
        if (signal.aborted) return null;
        if (mine.form.dataset.passkey === "create") return navigator.credentials.create({ publicKey, signal });
        return navigator.credentials.get(mine.quiet ? { publicKey, signal, mediation: "conditional" } : { publicKey, signal });
    }

    function send(asked, given) {
        const form = standing(asked);
        if (!form) return;
        form.elements.response.value = written(given);
        answered = form;
        form.requestSubmit();
        answered = null;
    }

    // The form itself, or the one that has taken its place meanwhile.
    function standing(form) { return form.isConnected ? form : twin(document, form); }

    function mark(form, busy) {
        for (const button of form.querySelectorAll("button")) button.classList.toggle("busy", busy);
    }

    // The words stand in the form, in the reader's language.
    function show(form, key) {
        const place = form.querySelector("[data-passkey-said]");
        if (!place) return;
        place.hidden = !key;
        place.textContent = key ? form.dataset[key] || form.dataset.failed || "" : "";
    }

    // Before the form is sent, the browser is asked. It wants to be asked while somebody presses a button.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (!form.matches("form[data-passkey]") || form === answered || form.dataset.sent || form.closest(".gone")) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (!supported) show(form, "unsupported");
        else if (!running || running.quiet || running.form !== form) begin(form, false);
    }, true);

    // So the options are there before.
    function prefetch(event) {
        const form = event.target.closest && event.target.closest("form[data-passkey]");
        if (supported && form) options(form).catch(() => {});
    }
    document.addEventListener("pointerover", prefetch);
    document.addEventListener("focusin", prefetch);

    // Where an address is typed, the browser offers passkeys beside addresses it knows. It waits until one is chosen.
    let fills = false;
    let timer = null;

    function watch() {
        const form = document.querySelector("form[data-passkey=get][data-conditional]");
        if (!fills || !form || !document.querySelector("input[autocomplete~=webauthn]")) return;
        if (document.hidden || form.dataset.sent || running && !running.quiet) return;
        const known = held.get(form);
        if (running && known && isRecent(known.at)) return;
        clearTimeout(timer);
        timer = setTimeout(watch, longest + 1000);
        held.delete(form);
        begin(form, true);
    }

    document.addEventListener("visibilitychange", watch);

    // A page that waits for a passkey is not kept in the browser's memory; nor is one that was sent asked for again.
    window.addEventListener("pagehide", () => { if (running) running.stop.abort(); });
    window.addEventListener("pageshow", (event) => {
        if (!event.persisted) return;
        held = new WeakMap();
        shown = 0;
        for (const form of document.querySelectorAll("form[data-passkey]")) form.elements.response.value = "";
        watch();
    });

    // What only a script can do is hidden without one.
    function offer(root) {
        for (const form of root.querySelectorAll("form[data-passkey][hidden]")) form.hidden = !supported;
    }

    const { prepare } = window.popug;
    window.popug.prepare = (root) => { prepare(root); offer(root); };
    offer(document);
    if (supported && PublicKeyCredential.isConditionalMediationAvailable) {
        PublicKeyCredential.isConditionalMediationAvailable().then((can) => { fills = can; watch(); }, () => {});
    }
})();
