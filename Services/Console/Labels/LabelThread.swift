import Labels
import Synchronization
import Threads

/// The one thread that opens and draws labels: a renderer belongs to a thread, and cairo draws on one at a time only.
final class LabelThread: Sendable {
    typealias Work = @Sendable (LabelRenderer) -> Void

    private struct Queue {
        var works: ArraySlice<Work> = []
        var isClosed = false
    }

    private let queue = Monitor(Queue())
    private let thread = Mutex<NamedThread?>(nil)

    func start() throws(ThreadError) {
        // pango goes deeper than a megabyte of stack allows for.
        let started = try NamedThread("labels", stackSize: 8 << 20) { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Ends after what it has; what comes later is not done.
    func stop() {
        queue.update { $0.isClosed = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// - Returns: false when the thread is to end.
    func submit(_ work: @escaping Work) -> Bool {
        queue.update { queue in
            if !queue.isClosed { queue.works.append(work) }
            return !queue.isClosed
        }
    }

    private func run() {
        // Made with the first job: fonts cost memory that a console without factories need not have.
        var renderer: LabelRenderer?
        while let work = next() {
            let current = renderer ?? LabelRenderer()
            renderer = current
            work(current)
        }
    }

    private func next() -> Work? {
        queue.wait { queue -> Work?? in
            if let work = queue.works.popFirst() { return work }
            return queue.isClosed ? .some(nil) : nil
        } ?? nil
    }
}
