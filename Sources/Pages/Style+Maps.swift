extension Style {
  /// The shapes of states, and the maps.
  ///
  /// A card is as wide as its map and stands below its cell in the upper half of the map and above it in the lower, so
  /// that it never leaves the map's box, nor makes anything move. What points at a cell goes through the card to the
  /// cells below it.
  static let maps: StaticString = """
    .mark{display:inline-block;width:.8em;height:.8em;margin-right:.45em;vertical-align:-.05em}
    .mark::before,[data-state]::after{content:"";display:block;width:calc(var(--d,1)*100%);aspect-ratio:1;
    background:var(--k);forced-color-adjust:none;print-color-adjust:exact}
    .up,[data-state=up]{--k:var(--up)}
    .silent,[data-state=silent]{--k:var(--silent)}
    .held,[data-state=held]{--k:var(--held)}
    .duplicate,[data-state=duplicate]{--k:var(--duplicate)}
    .refused,[data-state=refused]{--k:var(--refused)}
    .up::before,[data-state=up]::after{border-radius:15%}
    .silent::before,[data-state=silent]::after{
    background:radial-gradient(closest-side,transparent 50%,var(--k) 54% 97%,transparent)}
    .held::before,[data-state=held]::after{
    background:linear-gradient(90deg,transparent 8%,var(--k) 8% 40%,transparent 40% 60%,var(--k) 60% 92%,transparent 92%)}
    .duplicate::before,[data-state=duplicate]::after{clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)}
    .refused::before,[data-state=refused]::after{clip-path:polygon(20% 0,50% 30%,80% 0,100% 20%,70% 50%,100% 80%,
    80% 100%,50% 70%,20% 100%,0 80%,30% 50%,0 20%)}
    .cells [title],.mark.empty{background:radial-gradient(circle,var(--empty) 0 1.5px,transparent 2px);
    forced-color-adjust:none}
    .mark.empty::before{content:none}
    .job h3{margin-top:1.125rem}
    .job h3 span{font-weight:400}
    .legend{display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;margin-top:.25rem;font-size:.8125rem}
    .maps{display:flex;flex-wrap:wrap;gap:1.25rem 1rem;margin-top:.875rem}
    .maps{--c:1rem}
    .few .maps{--c:1.25rem;column-gap:2rem}
    .one .maps{--c:1.5rem}
    .one{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 2.5rem}
    .one .legend{grid-area:1/2;flex-direction:column;flex-wrap:nowrap;margin-top:2.25rem}
    figcaption{font-size:.8125rem;margin-bottom:.125rem;color:var(--muted);max-width:calc(1.75rem + 16*var(--c))}
    figcaption a{font-weight:600;margin-right:.375rem}
    .cells{position:relative;display:grid;grid-template-columns:1.75rem repeat(16,var(--c));grid-auto-rows:var(--c);
    font-size:calc(var(--c)*.75)}
    .cells b{font-size:.625rem;line-height:var(--c);font-weight:400;color:var(--muted);text-align:center;white-space:nowrap}
    .cells b.row{text-align:right;padding-right:.375rem}
    .cells a{display:grid;place-items:center;padding:calc(var(--c)*.1);color:inherit;text-decoration:none}
    .cells a:hover,.cells a:focus-visible{outline:2px solid var(--accent);outline-offset:-1px;border-radius:3px}
    .cells span{position:absolute;left:0;place-self:start stretch;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
    white-space:nowrap}
    .cells a:hover span,.cells a:focus-visible span{z-index:2;width:auto;height:auto;right:0;margin-top:var(--c);
    clip-path:none;white-space:normal;overflow-wrap:anywhere;padding:.5rem .75rem;pointer-events:none;
    background:var(--sheet);border:1px solid var(--edge);border-radius:6px;box-shadow:0 6px 20px rgb(0 0 0/.22);
    font-size:.8125rem;line-height:1.4}
    .cells a:hover span{z-index:3}
    .below{display:contents}
    .below span{transform:translateY(calc(-100% - var(--c) - .25rem))}
    .cells span b{display:block;font-size:inherit;line-height:inherit;font-weight:600;color:inherit;text-align:left}
    @media (max-width:45rem){.maps,.few .maps,.one .maps{--c:min(1.5rem,(100vw - 5.5rem)/16)}
    .one{display:block}
    .one .legend{flex-flow:wrap;margin-top:.25rem}}

    """
}
