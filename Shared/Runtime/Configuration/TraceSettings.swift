import HTTP
import Observability

/// Where traces go, by OpenTelemetry's own variables; nowhere unless a collector is named.
public struct TraceSettings: Sendable {
    /// The collector's address, to which OTLP's path is added.
    var endpoint: String?
    /// The address for traces, as it is.
    var tracesEndpoint: String?
    var serviceName: String?
    var sampler = TraceSampler.Name.parentAlwaysOn
    var ratio = 1.0

    public init() {}

    /// nil: there are none.
    var url: String? { tracesEndpoint ?? endpoint.map { $0 + "/v1/traces" } }
}

extension Configuration {
    static let traces: [Setting<Configuration>] = [
        Setting(
            "OTEL_EXPORTER_OTLP_ENDPOINT", optional: \.traces.endpoint, .collector,
            "a collector of OpenTelemetry, such as http://127.0.0.1:4318: traces go there, as JSON over HTTP, to its path /v1/traces"),
        Setting(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", optional: \.traces.tracesEndpoint, .collector,
            "the same for traces alone, with the whole path"),
        Setting("OTEL_SERVICE_NAME", optional: \.traces.serviceName, .text, standard: "daifa-<service>", "the process's name in traces"),
        Setting(
            "OTEL_TRACES_SAMPLER", \.traces.sampler, .choice(TraceSampler.Name.allCases.map { ($0.rawValue, $0) }),
            "which traces are told: \(TraceSampler.Name.allCases.map(\.rawValue).joined(separator: ", "))"),
        Setting("OTEL_TRACES_SAMPLER_ARG", \.traces.ratio, .part, "the part of them, from 0 to 1, for …traceidratio"),
    ]
}

extension SettingKind<Double> {
    static var part: SettingKind {
        SettingKind("a number from 0 to 1", text: { Int(exactly: $0).map { "\($0)" } ?? "\($0)" }) { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind<String> {
    /// A collector's address; what goes there is neither secret nor of a person, so plain HTTP may go anywhere.
    static var collector: SettingKind {
        SettingKind(text: { $0 }) { (url) throws(SettingFault) in
            do throws(HTTPClientError) { try CallableURL.check(url, anywhere: true) } catch { throw SettingFault(error.message) }
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }
    }
}
