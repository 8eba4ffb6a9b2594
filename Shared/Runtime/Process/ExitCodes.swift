public import CommandLine
public import Kafka
public import Stores

extension KafkaError: ExitCoded {
    public var exitCode: ExitCode { code == .invalidArgument ? .configuration : .unavailable }
}

extension StoreError: ExitCoded {
    public var exitCode: ExitCode {
        switch kind {
        case .busy: .temporary
        case .instanceInUse: .configuration
        default: .unavailable
        }
    }
}

extension ConfigurationError: ExitCoded {
    public var exitCode: ExitCode { .configuration }
}
