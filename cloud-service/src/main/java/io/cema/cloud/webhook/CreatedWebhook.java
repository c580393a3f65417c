package io.cema.cloud.webhook;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A new webhook, with what is shown this once. */
@Schema(description = "A new webhook with its secret, which is shown this once")
record CreatedWebhook(
        WebhookView webhook,
        @Schema(
                        description = "Signs every delivery, as the Standard Webhooks specification says",
                        example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                String secret) {}
