public import Contracts
public import Partners
public import Runtime

extension ServiceEnvironment {
    /// A client for Pinduoduo at the addresses that are set, as the platform's own application; nil when there is none.
    /// - Parameter clock: now, for requests' times.
    public func pinduoduo(clock: @escaping @Sendable () -> Timestamp) -> PinduoduoGateway? {
        partners.pinduoduo.map { pinduoduo(appKey: $0.appKey, appSecret: $0.appSecret, clock: clock) }
    }

    /// The same as the application that a credential names.
    /// - Parameter limiter: spreads the calls over time, where they are many.
    public func pinduoduo(
        _ credential: Credential, limiter: RateLimiter? = nil, clock: @escaping @Sendable () -> Timestamp
    ) -> PinduoduoGateway {
        pinduoduo(appKey: credential.appKey, appSecret: credential.appSecret, limiter: limiter, clock: clock)
    }

    private func pinduoduo(
        appKey: String, appSecret: String, limiter: RateLimiter? = nil, clock: @escaping @Sendable () -> Timestamp
    ) -> PinduoduoGateway {
        PinduoduoGateway(
            application: PinduoduoGateway.Application(clientId: appKey, clientSecret: appSecret),
            endpoints: PinduoduoGateway.Endpoints(
                authorize: partners.pinduoduoAuthorizeURL, gateway: partners.pinduoduoGatewayURL, messages: partners.pinduoduoMessageURL),
            sender: http, timeout: partners.pinduoduoTimeout, limiter: limiter, now: clock)
    }
}
