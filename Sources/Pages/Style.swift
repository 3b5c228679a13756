/// How the page looks; `PaletteTests` holds its colours to the contrast of WCAG 2.2 AA.
enum Style {
  static let page: StaticString = """
    :root{color-scheme:light dark;
    --ground:#f6f7f8;--sheet:#ffffff;--ink:#1a2026;--muted:#56606b;--line:#dde1e5;--edge:#7c8791;
    --accent:#0a5fa8;--alarm:#b3261e;--alarm-sheet:#fdf0ee;
    --up:#1e8a5e;--silent:#cf2e26;--held:#a76200;--duplicate:#7d54c4;--refused:#66707b;--empty:#87919b}
    @media (prefers-color-scheme:dark){:root{
    --ground:#111417;--sheet:#191d21;--ink:#e3e7ea;--muted:#9ba6b0;--line:#2c3238;--edge:#77828c;
    --accent:#72b4f2;--alarm:#ff8f85;--alarm-sheet:#2c1a19;
    --up:#3aa97a;--silent:#ff6b60;--held:#e0a13c;--duplicate:#b08ff0;--refused:#98a3ae;--empty:#6b7680}}
    *,::before,::after{box-sizing:border-box}
    html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--ground);color:var(--ink);
    font:.9375rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
    font-variant-numeric:tabular-nums;overflow-wrap:break-word}
    header,main{max-width:80rem;margin:0 auto;padding:0 1.5rem}
    a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.15em}
    a:hover{text-decoration-thickness:2px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
    .skip{position:absolute;left:.5rem;top:-4rem;padding:.5rem 1rem;background:var(--sheet);z-index:9}
    .skip:focus{top:.5rem}
    h1,h2,h3,p,ul,dl,figure{margin:0;padding:0}
    ul{list-style:none}
    h1{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em}
    h1 small{font-size:.8125rem;font-weight:400;color:var(--muted);letter-spacing:0;margin-left:.25rem}
    h2{font-size:1.0625rem;font-weight:600;line-height:1.4}
    h2 strong{font-weight:700}
    h3{font-size:.8125rem;font-weight:600;color:var(--muted)}
    code{font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
    background:var(--sheet);border:1px solid var(--line);border-radius:4px;padding:.1em .4em;overflow-wrap:anywhere}
    .quiet{color:var(--muted)}
    header{display:grid;grid-template-columns:1fr auto;gap:.125rem 2rem;align-items:baseline;padding-block:1.25rem 1rem}
    header p{grid-column:1;font-size:1rem}
    header nav{grid-column:2;grid-row:1/3;align-self:center}
    header ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.8125rem}
    main{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem;padding-bottom:3rem}
    section{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem 1.25rem;min-width:0}
    .attention{background:var(--alarm-sheet);border-color:var(--alarm);border-left-width:6px}
    .attention h2,.alarm{color:var(--alarm)}
    .attention li{margin-top:.5rem;max-width:65rem;overflow-wrap:anywhere}
    .counts{display:flex;flex-wrap:wrap;gap:.25rem 1.75rem;margin-top:.5rem}
    .counts a{color:inherit;text-decoration:none}
    .counts a:hover{text-decoration:underline}
    .counts strong{font-size:1.375rem;font-weight:600;line-height:1.3;letter-spacing:-.02em}
    .facts{display:grid;gap:.125rem;margin-top:.5rem;font-size:.875rem}
    .facts div{display:grid;grid-template-columns:5.5rem minmax(0,1fr)}
    dt{color:var(--muted)}
    dd{margin:0;overflow-wrap:anywhere}
    progress{appearance:none;width:min(16rem,100%);height:.5rem;margin-right:.5rem;border:1px solid var(--edge);
    border-radius:4px;background:var(--sheet);overflow:hidden;vertical-align:.05em}
    progress::-webkit-progress-bar{background:var(--sheet)}
    progress::-webkit-progress-value{background:var(--accent)}
    progress::-moz-progress-bar{background:var(--accent)}
    .choice ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;font-size:.875rem}
    .choice [aria-current]{color:inherit;font-weight:600;text-decoration:none}
    .job .choice{margin-top:1rem}
    form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.625rem 0;font-size:.875rem}
    label{color:var(--muted)}
    label:first-child{flex:1 1 20rem;display:flex;gap:.5rem;align-items:center}
    input,select,button{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--edge);
    border-radius:5px;padding:.25rem .5rem;min-height:2rem;max-width:100%}
    input{flex:1;min-width:0}
    ::placeholder{color:var(--muted);opacity:1}
    button{background:var(--accent);border-color:var(--accent);color:var(--sheet);font-weight:600;padding-inline:.875rem}
    [role=status]{font-size:.875rem;overflow-wrap:anywhere}
    .wide{overflow-x:auto;margin:.625rem -1.25rem 0;border-top:1px solid var(--line)}
    .wide+.choice,.wide+p{margin-top:.75rem}
    table{border-collapse:collapse;width:100%;font-size:.8125rem;line-height:1.4}
    caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    th,td{padding:.3125rem .75rem;text-align:left;vertical-align:top;white-space:nowrap;border-bottom:1px solid var(--line)}
    th:first-child{padding-left:1.25rem;position:sticky;left:0;background:var(--sheet)}
    tbody th{font-weight:400}
    thead th{font-weight:600;color:var(--muted)}
    thead a{color:inherit;text-decoration:none}
    thead a:hover{text-decoration:underline}
    [aria-sort] a{color:var(--ink)}
    [aria-sort=ascending] a::after{content:" \\2191"}
    [aria-sort=descending] a::after{content:" \\2193"}
    tbody tr:hover>*{background:var(--ground)}
    .name,.note{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
    .note{min-width:16rem;color:var(--muted);padding-right:1.25rem}
    @media (max-width:45rem){
    header,main{padding-inline:.625rem}
    header{grid-template-columns:minmax(0,1fr)}
    header nav{grid-column:1;grid-row:auto;margin-top:.375rem}
    section{padding-inline:.875rem}
    .wide{margin-inline:-.875rem}
    th:first-child{padding-left:.875rem}}

    """
}
