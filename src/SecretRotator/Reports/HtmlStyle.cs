namespace SecretRotator.Reports;

/// <summary>
/// The page's only style. Text has a contrast of at least 4.5 to 1 with its background, shapes of 3 to 1 (WCAG 2.2,
/// 1.4.3 and 1.4.11), in light and in dark; what a colour says, a word says too.
/// </summary>
internal static class HtmlStyle
{
    /// <summary>The sheet, to the letter: the page's policy holds its hash.</summary>
    public const string Sheet = """

        :root { color-scheme: light dark; --back: #fff; --text: #1f2328; --quiet: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae;
          --good: #1a7f37; --attention: #8a5a00; --bad: #b62324; --info: #0550ae; --neutral: #59636e; --on: #fff; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --back: #0d1117; --text: #e6edf3; --quiet: #9da7b3; --line: #3d444d; --panel: #161b22; --link: #79b8ff;
            --good: #56d364; --attention: #e3b341; --bad: #ff7b72; --info: #79b8ff; --neutral: #9da7b3; --on: #0d1117; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; } h2 { font-size: 1.25rem; margin: 2.5rem 0 0.75rem; } h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
        a { color: var(--link); } a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        .skip { position: absolute; top: 0; left: -100rem; background: var(--back); } .skip:focus { left: 1rem; }
        header p { overflow-wrap: anywhere; } .quiet { color: var(--quiet); } .sandbox { border-left: 4px solid var(--attention); background: var(--panel); padding: 0.5rem 0.75rem; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 0 0 1rem; }
        .tile { display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--panel); border: 1px solid var(--line); border-left: 6px solid var(--neutral); border-radius: 4px; padding: 0.5rem 0.75rem; }
        .tile dd { margin: 0; font-size: 1.5rem; font-weight: 600; } .tile dt { color: var(--quiet); }
        .tile.good { border-left-color: var(--good); } .tile.attention { border-left-color: var(--attention); } .tile.bad { border-left-color: var(--bad); }
        figure { margin: 1rem 0; } figcaption { margin-bottom: 0.5rem; } svg { display: block; width: 100%; height: auto; }
        .states svg { height: 1.5rem; } .states figcaption { margin-top: 0.5rem; }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem 2rem; }
        .legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; margin: 0; padding: 0; }
        .swatch { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 2px; }
        svg text { fill: var(--text); font: 12px system-ui, sans-serif; } svg text.axis { fill: var(--quiet); font-size: 11px; }
        svg .limit { stroke: var(--text); stroke-dasharray: 4 3; }
        svg .within { fill: var(--info); } svg .overdue { fill: var(--bad); } svg .unknown { fill: var(--neutral); }
        svg .d0 { fill: var(--panel); stroke: var(--line); } svg .d1 { fill: var(--info); fill-opacity: 0.25; } svg .d2 { fill: var(--info); fill-opacity: 0.45; } svg .d3 { fill: var(--info); }
        svg .frozen { stroke: var(--attention); stroke-width: 2; } svg text.in { font-size: 11px; fill: var(--text); fill-opacity: 1; } svg text.in.wide { font-size: 8px; } svg text.in.d3 { fill: var(--on); }
        .fresh { --tone: var(--good); } .due { --tone: var(--attention); } .waiting { --tone: var(--neutral); } .failed, .blocked { --tone: var(--bad); } .unfinished, .out-of-step, .not-adopted { --tone: var(--info); }
        .swatch { background: var(--tone); } .states rect { fill: var(--tone); }
        .swatch.waiting, .swatch.blocked, .swatch.out-of-step { background: none; border: 2px solid var(--tone); } .states .waiting, .states .blocked, .states .out-of-step { fill: var(--panel); stroke: var(--tone); stroke-width: 3; vector-effect: non-scaling-stroke; }
        .state.waiting, .state.blocked, .state.out-of-step { border-style: dashed; }
        .state { white-space: nowrap; color: var(--tone); border: 1px solid var(--tone); border-radius: 1rem; padding: 0 0.5rem; font-size: 0.875rem; font-weight: 400; }
        .error, .warning, .note { font-family: ui-monospace, monospace; font-weight: 600; } .error { color: var(--bad); } .warning { color: var(--attention); } .note { color: var(--quiet); }
        .scroll { overflow-x: auto; } .scroll + .scroll { margin-top: 1.5rem; } table { border-collapse: collapse; width: 100%; min-width: 44rem; } caption { text-align: left; color: var(--quiet); padding-bottom: 0.25rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid var(--line); min-width: 5rem; overflow-wrap: break-word; } thead th { color: var(--quiet); } tbody th { font-weight: 600; min-width: 9rem; } [aria-labelledby=findings] tbody th { width: 18rem; }
        td ul { margin: 0; padding-left: 1.1rem; }
        article { border-top: 1px solid var(--line); } article:target { background: var(--panel); }
        dl { margin: 0; } dl > div { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: 0 1rem; } .tiles > div { display: flex; }
        dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
        @media (max-width: 32rem) { dl > div { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
        @media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 9pt; } .skip { display: none; } .scroll { overflow: visible; } table { min-width: 0; } th, td { min-width: 0; overflow-wrap: anywhere; } article { break-inside: avoid; } tr { break-inside: avoid; }
          * { print-color-adjust: exact; } }

        """;
}
