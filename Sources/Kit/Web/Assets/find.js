// Popug: the search over everything, as one types, and the names of people to choose from.
(function () {
    "use strict";

    // `/` and Ctrl-K lead to the search, from anywhere but a field.
    const form = document.querySelector("form.find");
    const field = form && form.elements.q;
    const menu = document.querySelector(".menu-switch");

    document.addEventListener("keydown", (event) => {
        if (!field || event.defaultPrevented || event.altKey) return;
        const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, textarea, select, dialog, [contenteditable]");
        const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
        if (!slash && !palette) return;
        event.preventDefault();
        if (menu && !field.checkVisibility()) menu.open = true;
        field.focus();
        field.select();
    });

    // Asks no more often than somebody types, and shows only the answer to what was typed last.
    function asker(read) {
        let timer = null;
        let number = 0;
        return (text) => {
            clearTimeout(timer);
            const mine = ++number;
            timer = setTimeout(async () => {
                let found = null;
                try { found = await read(text); } catch (error) { found = null; }
                if (mine === number && found) found();
            }, 140);
        };
    }

    async function page(address) {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (!answer.ok || answer.redirected) return null;
        return new DOMParser().parseFromString(await answer.text(), "text/html");
    }

    if (form) {
        const panel = document.createElement("div");
        panel.className = "find-panel";
        panel.hidden = true;
        form.append(panel);

        const hide = () => { panel.hidden = true; };
        const ask = asker(async (text) => {
            if (!text) return hide;
            const fresh = await page("/search?q=" + encodeURIComponent(text));
            if (!fresh) return null;
            return () => {
                const parts = [fresh.getElementById("found"), fresh.querySelector(".none-found")].filter(Boolean);
                panel.replaceChildren(...parts.map((part) => document.importNode(part, true)));
                const found = panel.querySelector("#found");
                if (found) found.removeAttribute("id");
                const box = field.getBoundingClientRect();
                panel.style.left = Math.max(8, Math.min(box.left, window.innerWidth - 460)) + "px";
                panel.style.top = box.bottom + 6 + "px";
                panel.hidden = false;
            };
        });
        field.addEventListener("input", () => ask(field.value.trim()));
        form.addEventListener("keydown", (event) => {
            const links = Array.from(panel.querySelectorAll("a"));
            if (event.key === "Escape") {
                if (!panel.hidden) event.preventDefault();
                hide();
                field.focus();
            } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && links.length && !panel.hidden) {
                event.preventDefault();
                const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
                if (at < 0) field.focus();
                else links[Math.min(at, links.length - 1)].focus();
            }
        });
        document.addEventListener("click", (event) => { if (!form.contains(event.target)) hide(); });
    }

    // A field in which a person is named, with a list="…" of its own, gets names to choose from.
    for (const input of document.querySelectorAll("input[data-people]")) {
        const list = document.getElementById(input.getAttribute("list"));
        const ask = asker(async (text) => {
            if (!text) return null;
            const fresh = await page("/people/suggestions?q=" + encodeURIComponent(text));
            return fresh && (() => list.replaceChildren(...Array.from(fresh.querySelectorAll("option"), (o) => document.importNode(o, true))));
        });
        input.addEventListener("input", () => ask(input.value.trim()));
    }
})();
