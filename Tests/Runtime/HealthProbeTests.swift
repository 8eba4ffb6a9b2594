import Testing

@testable import Runtime

@Suite struct HealthProbeTests {
    @Test func answersAreRead() {
        #expect(HealthProbe.parse("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nkafka away") == .init(status: 503, body: "kafka away"))
        #expect(HealthProbe.parse("HTTP/1.0 200\r\n\r\n") == .init(status: 200, body: ""))
        for text in ["", "220 smtp.example ESMTP\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 99999 x\r\n\r\n"] {
            #expect(HealthProbe.parse(text) == nil)
        }
    }
}
