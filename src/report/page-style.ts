/** The page's style: the palette of the pictures, light and dark by the system, wide and narrow. */
import { mapSize } from './page-data.js';
import { scaleColor, themes, type Theme } from '../maps/palette.js';

function variables({ page, panel, ink, muted, line, values, other, missing }: Theme, accent: string): string {
  const named = Object.entries({ page, panel, ink, muted, line, other, missing, accent });
  const numbered = values.map((value, i) => [`value-${i}`, value] as const);
  return [...named, ...numbered].map(([name, value]) => `--${name}:${value}`).join(';');
}

const swatches = [...themes.light.values.keys()].map((i) => `.value-${i}{background:var(--value-${i})}`).join('');
const scale = Array.from({ length: 9 }, (_, i) => scaleColor(i / 8)).join(',');

/** CSS of every page. */
export const pageStyle = `
:root{color-scheme:light dark;${variables(themes.light, '#0060a0')};
  font:15px/1.5 Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
@media(prefers-color-scheme:dark){:root{${variables(themes.dark, '#7cc0f4')}}.light{display:none}}
@media(prefers-color-scheme:light){.dark{display:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink)}
main{max-width:1280px;margin:0 auto;padding:28px 24px 60px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere;
  text-wrap:balance}
h2{font-size:19px;margin:40px 0 10px;overflow-wrap:anywhere}
h3{font-size:16px;margin:0;overflow-wrap:anywhere}
p{margin:4px 0 10px;max-width:90ch}
.soft{color:var(--muted)}
.warning{border-left:3px solid var(--accent);padding-left:10px}
[hidden]{display:none!important}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.wide{overflow-x:auto;margin:8px 0 16px;background:linear-gradient(270deg,var(--page) 24px,
  transparent 36px) right/36px 100% no-repeat local,linear-gradient(270deg,var(--line),
  transparent) right/24px 100% no-repeat scroll}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:0 0 4px;white-space:nowrap}
th,td{text-align:left;font-weight:400;padding:4px 18px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
td,tbody th{max-width:46ch;overflow-wrap:break-word}
thead th{color:var(--muted);vertical-align:bottom}
.number{text-align:right;white-space:nowrap}thead .number{white-space:normal;min-width:5.5em}
.share{width:84px;height:12px;margin-right:6px;vertical-align:-1px}
.of{display:inline-block;min-width:4em}
.ground{fill:var(--line)}.fill{fill:var(--value-0)}.tick{fill:var(--ink)}
.controls{display:flex;flex-wrap:wrap;gap:12px 24px;margin-bottom:12px}
.controls label{color:var(--muted);margin-right:8px}
input,select,button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--muted);border-radius:6px}
input,select{box-sizing:border-box;height:2.25em;padding:5px 9px;width:13em;max-width:100%}
.finder{position:relative}
#found{position:absolute;z-index:2;margin:2px 0 0;padding:4px 0;list-style:none;background:var(--page);
  border:1px solid var(--muted);border-radius:6px;min-width:100%;max-width:min(80vw,40em);max-height:22em;overflow:auto}
#found li{padding:3px 10px;cursor:pointer;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
#found [aria-selected=true]{background:var(--accent);color:var(--page)}
.maps{display:grid;gap:20px}
figure{margin:0;min-width:0}
figcaption{font-weight:600;margin-bottom:6px;overflow-wrap:anywhere}
.picture{display:block;width:100%;height:auto}
.stage{position:relative}
canvas{display:block;width:100%;aspect-ratio:${mapSize.width}/${mapSize.height};max-height:max(320px,100vh - 270px);
  border-radius:10px;cursor:crosshair;touch-action:pan-y}
canvas.enlarged{touch-action:none}
.zoom{position:absolute;right:10px;top:10px;display:flex;flex-direction:column;gap:6px}
.zoom button{width:32px;height:32px;padding:0;line-height:1;cursor:pointer}
.legend{list-style:none;margin:12px 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px}
.legend li{display:flex;align-items:center;gap:7px;min-width:0}
.label{overflow-wrap:anywhere}
.count{color:var(--muted);font-variant-numeric:tabular-nums}
.swatch{flex:none;width:12px;height:12px;border-radius:50%}
.other{background:var(--other)}.missing{background:var(--missing)}${swatches}
.legend .bar{flex:1 1 100%;max-width:520px;justify-content:space-between;padding-top:20px;
  background:linear-gradient(90deg,${scale}) top/100% 14px no-repeat}
#tip{position:fixed;z-index:3;max-width:min(40em,90vw);padding:6px 10px;background:var(--page);
  border:1px solid var(--muted);border-radius:6px;pointer-events:none;overflow-wrap:anywhere}
#tip strong,#tip span{display:block}
.link{border:0;padding:0;background:none;color:var(--accent);cursor:pointer;text-align:left;text-decoration:underline;
  text-underline-offset:2px;overflow-wrap:anywhere}
.tables{display:grid;gap:0 32px}
.facts{display:block;color:var(--muted);font-size:13px}
.chance>*{border-top:1px dashed var(--muted);color:var(--muted);font-style:italic}
.only h2{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.only canvas{max-height:max(320px,100vh - 190px)}
@media(hover:none){.mouse{display:none}}
@media(min-width:900px){.two{grid-template-columns:1fr 1fr}
  .tables{grid-template-columns:repeat(auto-fit,minmax(420px,max-content))}.more{display:flow-root}
  .more>.left{float:left;clear:left;width:calc(50% - 24px)}.more>.right{float:right;clear:right;width:calc(50% - 24px)}
  .more>:not([class]){clear:both}
  .only{max-width:none}.only #map{display:grid;grid-template-columns:minmax(0,1fr) 200px;
  grid-template-rows:auto auto 1fr;gap:0 24px}.only #map>*{grid-column:2}.only #map>.controls{grid-column:1/-1}
  .only #map>#maps{grid-column:1;grid-row:2/4}.only .legend{flex-direction:column;flex-wrap:nowrap;margin-top:0}}
@media(min-width:1200px){main{max-width:1480px}.one{display:grid;grid-template-columns:minmax(0,1.85fr) minmax(0,1fr);
  gap:0 36px}.one>*{grid-column:1/-1}.one>#map{grid-column:1}.one>#neighbors{grid-column:2}.one .tables{display:block}
  .one>#neighbors :is(th,td){padding-right:12px}}
@media(max-width:560px){main{padding:18px 14px 40px}h1{font-size:21px}.zoom{position:static;flex-direction:row;
  justify-content:flex-end;margin-top:8px}th,td{padding-right:12px}tr>:first-child{position:sticky;left:0;
  max-width:36vw;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;background:var(--page)}
  .facts{white-space:normal}thead .number{min-width:0}.share{width:44px}.of{min-width:0}}
`;
