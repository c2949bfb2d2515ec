// Popug: what pages do beyond HTML; everything works without it. Forms, rows, questions, copying.
(function () {
    "use strict";

    // Forms are sent once, and not from a row that is gone.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.dataset.sent || form.closest(".gone")) {
            event.preventDefault();
            return;
        }
        if ((form.method || "get") !== "post") return;
        keepTyped(form);
        keepPlace(form);
        form.dataset.sent = "1";
        for (const button of form.querySelectorAll("button, input[type=submit]")) button.classList.add("busy");
    });

    // The link first: a second Enter then shows the next thing, and does not do it.
    function focusRow(row) {
        const target = row && (row.querySelector("a") || row.querySelector("button"));
        if (target) target.focus({ preventScroll: true });
        return Boolean(target);
    }

    // After the form of a row was sent, the focus is in that row, or in the next one where it is gone.
    const nextRow = "popug-row";

    function keepPlace(form) {
        const row = form.closest("li[id], tr[id]");
        if (!row) return;
        const ids = [row.id];
        for (let other = row.nextElementSibling; other && ids.length < 5; other = other.nextElementSibling) if (other.id) ids.push(other.id);
        if (row.previousElementSibling && row.previousElementSibling.id) ids.push(row.previousElementSibling.id);
        try { sessionStorage.setItem(nextRow, JSON.stringify({ path: location.pathname, ids, top: window.scrollY })); } catch (error) { return; }
    }

    function findPlace() {
        try {
            const kept = JSON.parse(sessionStorage.getItem(nextRow));
            sessionStorage.removeItem(nextRow);
            if (!kept || kept.path !== location.pathname) return;
            window.scrollTo(0, kept.top);
            kept.ids.some((id) => focusRow(document.getElementById(id)));
        } catch (error) { return; }
    }

    // A key that is held down sends no form after form.
    document.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.repeat && event.target.closest("button")) event.preventDefault();
    });

    let asking = false;
    // A link with data-dialog leads to a page that asks first: here it is asked in a dialog.
    document.addEventListener("click", async (event) => {
        const link = event.target.closest("a[data-dialog]");
        if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (asking || link.closest(".gone")) return;
        asking = true;
        let part = null;
        try {
            const answer = await fetch(link.href, { credentials: "same-origin" });
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            if (answer.ok && !answer.redirected) part = page.getElementById("confirmation");
        } catch (error) {
            part = null;
        }
        asking = false;
        if (part) ask(document.importNode(part, true));
        else location.href = link.href;
    });

    function ask(part) {
        const dialog = document.createElement("dialog");
        const heading = part.querySelector("h1");
        heading.id = "dialog-heading";
        dialog.setAttribute("aria-labelledby", heading.id);
        dialog.append(part);
        dialog.addEventListener("click", (event) => {
            if (event.target !== dialog && !event.target.closest("[data-close]")) return;
            event.preventDefault();
            dialog.close();
        });
        dialog.addEventListener("close", () => dialog.remove());
        document.body.append(dialog);
        dialog.showModal();
        // Enter does not do what cannot be undone.
        part.querySelector("[data-close]").focus();
    }

    // What was typed into a form survives that the session had ended, or that a fresh proof was asked for: it is kept in
    // this tab past the page on which one signs in or confirms, and put back on the form's own page, for the same person.
    // What browsers are not to remember, passwords and files, is not kept.
    const typed = "popug-typed";
    const ways = /^\/(sign-in|confirm)(\/|$)/;

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
        if (ways.test(location.pathname)) return;
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
            if (ways.test(location.pathname)) {
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

    // A page that comes back from the browser's memory can be sent again.
    window.addEventListener("pageshow", (event) => {
        if (!event.persisted) return;
        for (const form of document.querySelectorAll("form[data-sent]")) {
            delete form.dataset.sent;
            for (const button of form.querySelectorAll(".busy")) button.classList.remove("busy");
        }
    });

    // Filters send themselves when a choice is made.
    document.addEventListener("change", (event) => {
        const form = event.target.form;
        if (form && form.matches("[data-auto]") && event.target.matches("select, input[type=date]")) form.requestSubmit();
    });

    // Copying: what stands in an element with data-copy, by a button behind it.
    function copied(element) {
        return Array.from(element.childNodes).filter((node) => node.nodeName !== "BUTTON").map((node) => node.textContent).join("").trim();
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-copy] > .copy");
        if (!button) return;
        navigator.clipboard.writeText(copied(button.parentElement)).then(() => {
            button.textContent = document.body.dataset.sayCopied;
            setTimeout(() => { button.textContent = document.body.dataset.sayCopy; }, 1500);
        });
    });

    function offerCopy(element) {
        if (!navigator.clipboard || element.querySelector(":scope > .copy")) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "copy";
        button.textContent = document.body.dataset.sayCopy;
        element.append(button);
    }

    // Wide tables can be scrolled from the keyboard.
    function prepare(root) {
        for (const wide of root.querySelectorAll(".scroll")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
        for (const element of root.querySelectorAll("main [data-copy]")) offerCopy(element);
    }

    prepare(document);
    putBackTyped();
    findPlace();
    window.popug = { prepare, focusRow, copied };
})();
