() => { const seen = new Map();
          for (const node of document.querySelectorAll("a[href], button, select, summary, input:not([type=hidden])"))
            if (node.checkVisibility()) {
              const kind = node.tagName + node.className + (node.closest("header") ? "h" : "") + (node.closest("footer") ? "f" : "");
              if (!seen.has(kind)) { seen.set(kind, 1); node.dataset.kind = seen.size; } }
          return seen.size; }
