import Kafka
import Observability
import Threads

/// Whether the brokers are there, for a service that may hear nothing of them for long.
struct BrokerWatch {
    /// Seconds that a broker is given to answer, and between two such questions, after all were lost.
    private static let probeTimeout = 0.5
    private static let probeInterval = 0.5
    /// Seconds without room to publish after which the brokers are asked whether they are there.
    private static let stallLimit = 3.0

    /// All brokers were lost, and none has answered since.
    private var isAway = false
    private var nextProbeAt = 0.0
    /// When there was room to publish for the last time.
    private var lastRoom = Clock.seconds

    /// librdkafka tells that all brokers are down.
    mutating func lost() { isAway = true }

    /// There is room to publish.
    mutating func moved(_ waits: WaitLog) {
        let now = Clock.seconds
        if now - lastRoom > Self.stallLimit { waits.over(Self.stall) }
        lastRoom = now
    }

    /// There is none: nothing is polled meanwhile, so nothing tells that the brokers are gone.
    mutating func stalled(_ waits: WaitLog) {
        let seconds = Clock.seconds - lastRoom
        guard seconds > Self.stallLimit else { return }
        isAway = true
        waits.say(Self.stall, because: "nothing was published for \(Int(Self.stallLimit)) s and more")
    }

    private static let stall = "waiting until what is decided is published"

    /// Nothing tells that brokers are back while there is nothing to read, so the group's coordinator is asked now and then; until it
    /// answers, the service is not ready. Not asked for watermarks: that call heeds no time limit while brokers are away.
    mutating func probe(_ consumer: GroupConsumer, topic: String, _ status: ServiceStatus) {
        guard isAway, Clock.seconds >= nextProbeAt else { return }
        do throws(KafkaError) {
            _ = try consumer.committed([TopicPartition(topic: topic, partition: 0)], timeout: Self.probeTimeout)
            isAway = false
        } catch {
            isAway = error.code != .unstableOffsetCommit
            if isAway { status.set(waitingFor: "Kafka", because: "\(error)") }
        }
        nextProbeAt = Clock.seconds + Self.probeInterval
        if !isAway { status.set(waitingFor: nil) }
    }
}
