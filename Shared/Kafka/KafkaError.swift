import CRdKafka

/// An error of Kafka, or of the client library on its way there.
///
/// The three flags are librdkafka's own judgement of an error of the transactional API; for other calls `isRetriable` tells whether the
/// client recovers by itself, and `isAbortable` is false.
public struct KafkaError: Error, Sendable, CustomStringConvertible {
    /// An error code: Kafka's own are positive, librdkafka's local ones negative.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: Int32

        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// librdkafka's name of the code, such as `_TIMED_OUT` or `ILLEGAL_GENERATION`.
        public var description: String { String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(rawValue))) }
    }

    public let code: Code
    /// The operation that failed, with its object.
    public let operation: String
    /// The library's text.
    public let reason: String
    /// The same call may be made again.
    public let isRetriable: Bool
    /// The current transaction must be aborted; the producer stays usable.
    public let isAbortable: Bool
    /// The handle is of no more use: close it and make a new one.
    public let isFatal: Bool

    public init(
        code: Code, operation: String, reason: String? = nil, isRetriable: Bool? = nil, isAbortable: Bool = false, isFatal: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.reason = reason ?? String(cString: rd_kafka_err2str(rd_kafka_resp_err_t(code.rawValue)))
        self.isRetriable = isRetriable ?? Code.retriable.contains(code)
        self.isAbortable = isAbortable
        self.isFatal = isFatal
    }

    /// Another has taken over: what was being done belongs to somebody else now.
    public var isFenced: Bool { Code.fencing.contains(code) }

    /// The brokers' access control does not allow it.
    public var isDenied: Bool { Code.denials.contains(code) }

    public var description: String { "\(operation): \(reason) (\(code))" }
}

extension KafkaError.Code {
    /// The call took longer than its time limit. For a commit this means that the outcome is open.
    public static let timedOut = Self(RD_KAFKA_RESP_ERR__TIMED_OUT)
    /// A message could not be delivered within `message.timeout.ms`.
    public static let messageTimedOut = Self(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    /// The connection to a broker failed.
    public static let transport = Self(RD_KAFKA_RESP_ERR__TRANSPORT)
    public static let allBrokersDown = Self(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    /// A broker's host name has no address.
    public static let resolve = Self(RD_KAFKA_RESP_ERR__RESOLVE)
    public static let authentication = Self(RD_KAFKA_RESP_ERR__AUTHENTICATION)
    public static let ssl = Self(RD_KAFKA_RESP_ERR__SSL)
    /// The call does not fit the state of the handle or of its transaction.
    public static let state = Self(RD_KAFKA_RESP_ERR__STATE)
    public static let queueFull = Self(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    /// A newer producer with the same transactional id has taken over.
    public static let fenced = Self(RD_KAFKA_RESP_ERR__FENCED)
    /// A property has a value that the library refuses.
    public static let invalidArgument = Self(RD_KAFKA_RESP_ERR__INVALID_ARG)
    /// Bytes that are no record in the packed format.
    public static let malformedRecord = Self(RD_KAFKA_RESP_ERR__BAD_MSG)
    /// A position lies outside its partition's log.
    public static let positionOutsideLog = Self(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    /// The broker's answer for a position outside its partition's log.
    public static let offsetOutOfRange = Self(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    public static let maxPollExceeded = Self(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
    public static let unknownPartition = Self(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    public static let unknownTopic = Self(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    public static let unknownTopicOrPartition = Self(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    public static let leaderNotAvailable = Self(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    public static let notLeaderForPartition = Self(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
    public static let messageTooLarge = Self(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    public static let topicAlreadyExists = Self(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    public static let coordinatorLoadInProgress = Self(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
    public static let coordinatorNotAvailable = Self(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
    public static let notCoordinator = Self(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
    public static let waitingForCoordinator = Self(RD_KAFKA_RESP_ERR__WAIT_COORD)
    public static let concurrentTransactions = Self(RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS)
    public static let rebalanceInProgress = Self(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
    public static let illegalGeneration = Self(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
    public static let unknownMemberId = Self(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
    /// The group has members.
    public static let nonEmptyGroup = Self(RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
    public static let fencedInstanceId = Self(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
    public static let invalidProducerEpoch = Self(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    public static let producerFenced = Self(RD_KAFKA_RESP_ERR_PRODUCER_FENCED)
    /// The group has offsets that belong to a transaction whose outcome is open.
    public static let unstableOffsetCommit = Self(RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
    public static let topicAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    public static let groupAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
    public static let clusterAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
    /// The brokers are too old for the request, or are none of Apache Kafka's.
    public static let unsupported = Self(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
    public static let transactionalIdAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)

    static let fencing: Set<Self> = [
        illegalGeneration, unknownMemberId, fencedInstanceId, fenced, invalidProducerEpoch, producerFenced,
    ]
    static let denials: Set<Self> = [
        topicAuthorizationFailed, groupAuthorizationFailed, clusterAuthorizationFailed, transactionalIdAuthorizationFailed,
    ]
    static let retriable: Set<Self> = [
        timedOut, transport, allBrokersDown, resolve, queueFull, unknownTopicOrPartition, leaderNotAvailable, notLeaderForPartition,
        coordinatorLoadInProgress, coordinatorNotAvailable, notCoordinator, waitingForCoordinator, concurrentTransactions,
        rebalanceInProgress, unstableOffsetCommit, maxPollExceeded,
    ]

    init(_ code: rd_kafka_resp_err_t) { self.init(rawValue: code.rawValue) }
}

extension KafkaError {
    /// From an error object, which it destroys.
    init(consuming error: OpaquePointer, operation: String) {
        self.init(
            code: .init(rd_kafka_error_code(error)), operation: operation, reason: String(cString: rd_kafka_error_string(error)),
            isRetriable: rd_kafka_error_is_retriable(error) != 0, isAbortable: rd_kafka_error_txn_requires_abort(error) != 0,
            isFatal: rd_kafka_error_is_fatal(error) != 0)
        rd_kafka_error_destroy(error)
    }

    /// From a code. `_FATAL` only says that there is one: the handle is asked for the error itself.
    init(_ code: rd_kafka_resp_err_t, on handle: OpaquePointer, operation: String, reason: String? = nil) {
        guard code == RD_KAFKA_RESP_ERR__FATAL else {
            self.init(code: .init(code), operation: operation, reason: reason)
            return
        }
        var text = [CChar](repeating: 0, count: 512)
        let underlying = rd_kafka_fatal_error(handle, &text, text.count)
        self.init(
            code: .init(underlying == RD_KAFKA_RESP_ERR_NO_ERROR ? code : underlying), operation: operation,
            reason: text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }, isRetriable: false, isFatal: true)
    }
}
