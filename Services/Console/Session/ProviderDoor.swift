import HTTP
import Identity
import Observability
import Threads
import Web

/// Logging in with a provider of OpenID Connect, over HTTP.
struct ProviderDoor: Sendable {
    /// Runs what blocks; false: too much of it waits.
    typealias Submit = @Sendable (@escaping @Sendable () -> Void) -> Bool

    let logIn: ProviderLogIn
    private let threads: PoolExecutor
    private let logger: Logger

    init(_ settings: ProviderSettings, http: any HTTPSender, submit: @escaping Submit, logger: Logger) {
        (threads, self.logger) = (PoolExecutor(submit), logger)
        logIn = ProviderLogIn(settings) { (call) async throws(PeopleError) in
            let request = HTTPClientRequest(
                method: call.method, url: call.url, headers: call.headers.map { (name: $0.key, value: $0.value) }, body: call.body,
                maximumBody: 1 << 20)
            do throws(HTTPClientError) {
                let response = try await http.send(request)
                return ProviderReply(status: response.status, body: response.body)
            } catch { throw .unavailable("\(call.url): \(error)") }
        }
    }

    /// Asks the provider who it is, so that the log tells at once where it is away or the settings are wrong.
    func discover(now: Timestamp) {
        Task.detached(executorPreference: threads) { [self] in
            do throws(PeopleError) { try await logIn.discover(now: now) } catch { say("nobody can log in with the provider yet", error) }
        }
    }

    /// Asks the provider, and answers; on threads that may block.
    func ask<Result: Sendable>(
        _ what: @escaping @Sendable (ProviderLogIn) async throws(PeopleError) -> Result, _ later: LaterAnswer,
        answer: @escaping @Sendable (Swift.Result<Result, PeopleError>) -> HTTPResponse
    ) {
        Task.detached(executorPreference: threads) { [self] in
            let outcome: Swift.Result<Result, PeopleError>
            do throws(PeopleError) { outcome = .success(try await what(logIn)) } catch {
                say("somebody cannot log in with the provider", error)
                outcome = .failure(error)
            }
            later.send(answer(outcome))
        }
    }

    /// The browser came back with an error of the provider's instead of a code.
    func refused(_ error: String, _ text: String?) {
        say("the provider has let somebody not in", .provider("\(error.prefix(200))\(text.map { ": \($0.prefix(500))" } ?? "")"))
    }

    private func say(_ what: String, _ error: PeopleError) {
        let reason =
            switch error {
            case .provider(let text), .unavailable(let text): text
            default: "\(error)"
            }
        logger.warning("\(what)", ["issuer": logIn.settings.issuer, "reason": reason])
    }
}

/// Runs tasks on threads that may block, so that they neither hold up others nor wait for them.
private final class PoolExecutor: TaskExecutor {
    private let submit: ProviderDoor.Submit

    init(_ submit: @escaping ProviderDoor.Submit) { self.submit = submit }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let run: @Sendable () -> Void = { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
        // A task that has begun comes to its end, too, when the pool takes no more.
        if !submit(run) { run() }
    }
}
