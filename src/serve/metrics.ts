/** Counts and times for Prometheus, in its text format 0.0.4. */

/** Upper bounds of the buckets of a request's seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A number that is read when it is asked for, with its labels. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly read: () => readonly { readonly labels: Labels; readonly value: number }[];
}

/** What has been counted, with its labels as text. */
interface Counter {
  readonly labels: string;
  count: number;
}

type Labels = Readonly<Record<string, string>>;

/** What has happened since the start. */
export class Metrics {
  readonly #gauges: readonly Gauge[];
  readonly #requests = new Map<string, Counter>();
  readonly #versions = new Map<string, Counter>();
  readonly #times = new Map<string, { readonly counts: number[]; sum: number; count: number }>();

  /** @param gauges - what is told beside the counts */
  constructor(gauges: readonly Gauge[]) {
    this.#gauges = gauges;
  }

  /** Counts an answered request. */
  addRequest(
    { route, method, status }: Record<'route' | 'method', string> & { status: number },
    seconds: number,
  ): void {
    const request = `${route} ${method} ${status}`;
    const answered = this.#requests.get(request) ?? {
      labels: labelText({ route, method, status: String(status) }),
      count: 0,
    };
    answered.count++;
    this.#requests.set(request, answered);
    const times = this.#times.get(route) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 };
    this.#times.set(route, times);
    const bucket = buckets.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) times.counts[bucket] = (times.counts[bucket] ?? 0) + 1;
    times.sum += seconds;
    times.count++;
  }

  /** Counts a version of a model that came to be served, was refused or was removed. */
  addVersion(model: string, event: string): void {
    const labels = labelText({ model, event });
    const seen = this.#versions.get(labels) ?? { labels, count: 0 };
    seen.count++;
    this.#versions.set(labels, seen);
  }

  /** The text that Prometheus reads. */
  text(): string {
    const name = 'category2vec_request_seconds';
    const counters = (title: string, help: string, counts: ReadonlyMap<string, Counter>) => [
      ...heading(title, help, 'counter'),
      ...Array.from(counts.values(), ({ labels, count }) => `${title}${labels} ${count}`),
    ];
    const lines = [
      ...counters('category2vec_requests_total', 'Requests answered.', this.#requests),
      ...counters('category2vec_versions_total', 'Versions of models served, refused, removed.', this.#versions),
      ...heading(name, 'Seconds from a request to its answer.', 'histogram'),
      ...Array.from(this.#times, ([route, { counts, sum, count }]) => {
        let below = 0;
        const within = buckets.map((bound, i) => {
          below += counts[i] ?? 0;
          return `${name}_bucket${labelText({ route, le: String(bound) })} ${below}`;
        });
        const own = labelText({ route });
        return [
          ...within,
          `${name}_bucket${labelText({ route, le: '+Inf' })} ${count}`,
          `${name}_sum${own} ${sum}`,
          `${name}_count${own} ${count}`,
        ].join('\n');
      }),
      ...this.#gauges.flatMap(({ name: title, help, read }) => [
        ...heading(title, help, 'gauge'),
        ...read().map(({ labels, value }) => `${title}${labelText(labels)} ${value}`),
      ]),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function heading(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', String.raw`\n`)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
