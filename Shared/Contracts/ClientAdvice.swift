/// Settings that other people's Kafka clients must make, and those that they need not: told in the AsyncAPI document and in
/// `Shared/Schemas/README.md`.
enum ClientAdvice {
    static let reading =
        "To read events and tables, set isolation.level=read_committed (librdkafka's default; kafka-python, aiokafka and Java's clients read "
        + "uncommitted records unless told so, and what was aborted is not true), and auto.offset.reset=earliest, else a new group misses what "
        + "came before it. In tables expect records without a value: tombstones."

    static let writing =
        "To write a command or fact, set acks=all and give the key; with partitioner=murmur2_random (Java's default, librdkafka's is another) it "
        + "lies where it belongs at once. A service carries what lies elsewhere, or has no key and says it in its data, to its place, once; only "
        + "a key that contradicts the data is wrong. Reuse ce_id when you send again."

    static let creating =
        "Create the topics before a client reads or writes them, or start the services first: a broker with auto.create.topics.enable makes a "
        + "missing topic as its defaults have it, and a service then ends with status 78 and the command that mends it."

    /// One topic in a sentence or two.
    static func channel(_ topic: String) -> String {
        if Topics.tables.contains(topic) {
            return "A compacted table: a tombstone (a record without a value) means that the row is gone. Read it from its beginning, "
                + "read_committed."
        }
        if ServiceName.domainServices.contains(where: { $0.dead == topic }) {
            return "Messages that could not be read or handled, as they came. Deleted by age."
        }
        if ServiceName.allCases.contains(where: { $0.events == topic }) { return "Deleted by age. Read it read_committed." }
        return "Deleted by age. What lies in another partition than murmur2 gives its key, or has no key, is carried there by the service: "
            + "it then stands here twice, under one ce_id."
    }
}
