/// Documents that come from the declarations of metrics and log fields.
public enum MetricDocuments {
    /// A Markdown document of all of them.
    public static var markdown: String {
        var text = """
            # Metrics, log fields and traces

            Written by `daifa metrics`. Each process serves `/metrics` (Prometheus' text format) beside `/health/live` and `/health/ready` on its
            `DAIFA_HTTP_PORT`. Which process and replica a series is of, the scrape adds: `service` and `instance`
            ([observability](observability/README.md)). No label and no field holds a secret, or a person's name, phone or street.

            ## Metrics

            A histogram `x` has the series `x_bucket{le}`, `x_sum` and `x_count`.

            | metric | type | unit | labels | served by | meaning |
            |---|---|---|---|---|---|

            """
        for metric in MetricName.allCases.map(\.declaration) {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text +=
                "| `\(metric.name)` | \(metric.kind.word) | \(metric.unit.rawValue) | \(labels) | \(metric.processes.rawValue) "
                + "| \(metric.help) |\n"
        }
        text += """

            Buckets, by their upper ends:

            | histograms | ends |
            |---|---|

            """
        for (bounds, names) in buckets {
            text += "| \(names.map { "`\($0)`" }.joined(separator: ", ")) | \(bounds.map { "\($0)" }.joined(separator: ", ")) |\n"
        }
        text += """

            ## Log fields

            A line on standard error is one JSON object. A line that ends a process (exit codes 64, 70, 78) is plain text for people.

            | field | meaning |
            |---|---|

            """
        for (name, meaning) in LogFields.all { text += "| `\(name)` | \(meaning) |\n" }
        return text + "\n" + traces
    }

    private static var buckets: [(bounds: [Double], names: [String])] {
        var found: [(bounds: [Double], names: [String])] = []
        for metric in MetricName.allCases.map(\.declaration) {
            guard case .histogram(let bounds) = metric.kind else { continue }
            if let index = found.firstIndex(where: { $0.bounds == bounds }) {
                found[index].names.append(metric.name)
            } else {
                found.append((bounds, [metric.name]))
            }
        }
        return found
    }

    private static let traces = """
        ## Traces

        Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` names a collector (OTLP over HTTP, as JSON);
        `OTEL_TRACES_SAMPLER` chooses. A trace begins with a request to the console, or with a command or fact that comes without a
        `traceparent` and begins a conversation; the header `traceparent` carries it through every message that follows. Spans that find the
        queue (8192) full, or that the collector does not take, are dropped and counted.

        | span | kind | one for |
        |---|---|---|
        | `GET <route>`, `POST <route>`, … | server | a request to the console, to its answer's head |
        | `process <type>` | consumer | a message, from its decision to the end of its batch's store transaction |
        | `publish` | producer | the Kafka transaction that published what came of it |
        | `effect <kind>` | client | an attempt to carry out an effect |

        """
}
