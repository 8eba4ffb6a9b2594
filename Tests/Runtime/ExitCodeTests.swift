import CommandLine
import Kafka
import Stores
import Testing

@testable import Runtime

@Suite struct ExitCodeTests {
    @Test func anErrorKnowsHowItsProcessEnds() {
        #expect(ExitCode(for: ConfigurationError("x")) == .configuration)
        #expect(ExitCode(for: StoreError(kind: .busy, message: "x")) == .temporary)
        #expect(ExitCode(for: StoreError(kind: .instanceInUse, message: "x")) == .configuration)
        #expect(ExitCode(for: StoreError(kind: .unavailable, message: "x")) == .unavailable)
        #expect(ExitCode(for: CommandFailure(.badData, "x")) == .badData)
        #expect(ExitCode(for: CancellationError()) == .bug)
    }
}
