public import Contracts
public import Partners
public import Runtime

extension ServiceEnvironment {
    /// A client for Pinduoduo at the addresses that are set, as the platform's own application; nil when there is none.
    /// - Parameter clock: now, for requests' times.
    public func pinduoduo(clock: @escaping @Sendable () -> Timestamp) -> PinduoduoGateway? {
        partners.pinduoduo.map { own in
            PinduoduoGateway(
                application: PinduoduoGateway.Application(clientId: own.appKey, clientSecret: own.appSecret),
                endpoints: PinduoduoGateway.Endpoints(
                    authorize: partners.pinduoduoAuthorizeURL, gateway: partners.pinduoduoGatewayURL,
                    messages: partners.pinduoduoMessageURL),
                sender: http, timeout: partners.pinduoduoTimeout, now: clock)
        }
    }
}
