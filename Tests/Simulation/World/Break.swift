/// A way to break the protocol, for the world to find: the shell, the store or Kafka's client do not do what the engine counts on.
enum Break: String, CaseIterable {
    /// The store takes a batch whoever has claimed the shard since.
    case noEpochCheck
    /// A new producer does not end what an earlier one left open.
    case noInitTransactions
    /// A revoke returns while a transaction is in flight and batches wait.
    case revokeReturnsEarly
    /// Offsets are committed in a transaction before that of the records.
    case offsetsWithoutRecords
    /// The outbox position stands in no offset's metadata, so that a claim takes the store's.
    case offsetsWithoutSequence
    /// Positions are those of before the epoch was raised.
    case positionsReadBeforeClaim
    /// Rows of the outbox are deleted as soon as the next batch is stored.
    case forgottenTooEarly
    /// Offsets are sent with the newest assignment instead of that of the claim.
    case newestAssignment
    /// Answered ids are not remembered.
    case copiesNotRecognised
    /// How far the outbox is published is read while a transaction is about to change it.
    case unstableOffsets
    /// What failed is published once more at once.
    case publishedAgain
    /// A failed publish is followed by the next batches, without a look at what became of it.
    case goesOnAfterFailure
    /// A claim does not publish what its predecessor has left.
    case outboxNotRecovered
    /// Records of aborted transactions are read.
    case readUncommitted
    /// Positions are not stored with the batch.
    case positionsNotStored
    /// A shard whose batch was not stored is kept with what it holds in memory.
    case failedShardKept
    /// An effect that may have run is not asked for first.
    case effectNotAskedFor
}
