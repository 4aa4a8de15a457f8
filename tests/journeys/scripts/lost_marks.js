() => {
          const ground = getComputedStyle(document.body).backgroundColor;
          const seen = (node) => { const s = getComputedStyle(node);
            return [s.stroke, s.fill].some((paint) => paint !== "none" && paint !== ground && !paint.startsWith("url")); };
          const drawn = ".app-rag__shape, .app-chart__line, .app-chart__bar, .app-chart__marker";
          return [...document.querySelectorAll(drawn)].filter((n) => n.checkVisibility() && !seen(n))
            .map((n) => n.outerHTML.slice(0, 90)); }
