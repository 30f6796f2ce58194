### Problems: what the JSON API says about a refusal, in English; with the few pages that it serves.
###
### A code has five texts: its title, what it means, a typical cause, what a client does about it, and the
### detail of the problem, whose key ends in "customer": what to tell the customer or, where only whoever wrote
### the client can help, what to change in the request. The code stands in the key as it is sent.

problem-bad_request-title = The request cannot be read
problem-bad_request-meaning = The request, or a header or parameter of it, has not the form that it must have.
problem-bad_request-cause = A program that builds requests by hand, or a connection that broke off.
problem-bad_request-client = Compare the request with the OpenAPI document and correct it. Sent again as it is, it is refused again.
problem-bad_request-customer = Compare the request with the OpenAPI document: it, a header or a parameter has not the form that it must have.

problem-malformed_json-title = The body is not valid JSON
problem-malformed_json-meaning = The body is not JSON, is nested too deeply, or has a key twice.
problem-malformed_json-cause = A missing comma or bracket, text that is not UTF-8, or an empty body.
problem-malformed_json-client = Build the body with a JSON library. Where a key stands twice, errors names it.
problem-malformed_json-customer = Send a body of valid JSON in UTF-8.

problem-duplicate_key-title = A key stands twice
problem-duplicate_key-meaning = A key stands twice in one JSON object. Programs disagree about which of the two counts, so neither does.
problem-duplicate_key-cause = A body put together from pieces of text.
problem-duplicate_key-client = Send each key once.
problem-duplicate_key-customer = Send each key of a JSON object once.

problem-malformed_idempotency_key-title = The idempotency key cannot be used
problem-malformed_idempotency_key-meaning = The header Idempotency-Key holds 1 to 255 visible ASCII characters, with or without quotes around them, and stands once.
problem-malformed_idempotency_key-cause = An empty key, a blank in it, or two such headers.
problem-malformed_idempotency_key-client = Send a new random UUID for each thing that you want done.
problem-malformed_idempotency_key-customer = Send one Idempotency-Key of 1 to 255 visible ASCII characters, a random UUID for example.

problem-unauthenticated-title = Sign in first
problem-unauthenticated-meaning = No live session was shown: none at all, or one that has ended.
problem-unauthenticated-cause = The session ended by time, by signing out, or because the password or the address changed.
problem-unauthenticated-client = Send the person to sign in, then repeat the request.
problem-unauthenticated-customer = Please sign in to go on.

problem-wrong_credentials-title = The address or the password is not correct
problem-wrong_credentials-meaning = No account has this address and this password. Which of the two is wrong is not told, so that nobody learns who has an account.
problem-wrong_credentials-cause = A typing mistake, an old password, or an account under another address.
problem-wrong_credentials-client = Let the person type both again. Offer to register.
problem-wrong_credentials-customer = The e-mail address or the password is not correct.

problem-proof_required-title = Show that the account is yours
problem-proof_required-meaning = Confirming a new address needs a session of the account, or its password.
problem-proof_required-cause = The link was opened on a device that is not signed in.
problem-proof_required-client = Send the request with a session of the account, or with its password in the body.
problem-proof_required-customer = Please enter your password to confirm the new address.

problem-csrf_failed-title = The request does not come from our pages
problem-csrf_failed-meaning = With a session in a cookie, a request that changes something needs the header X-CSRF-Token and must come from a page of this origin. A sign-in that asks for a cookie must come from such a page too.
problem-csrf_failed-cause = A page that was open while somebody signed in anew, a missing header, or a page of another site.
problem-csrf_failed-client = Read the value from GET /v1/session and send the request again from a page of this origin. Programs use a bearer token instead.
problem-csrf_failed-customer = Send the X-CSRF-Token of the session, from a page of this origin.

problem-accounts_disabled-title = There are no customer accounts
problem-accounts_disabled-meaning = This shop does not offer customer accounts.
problem-accounts_disabled-cause = The operator has switched them off.
problem-accounts_disabled-client = Do not offer registration.
problem-accounts_disabled-customer = This shop does not offer customer accounts at the moment.

problem-reauthentication_required-title = Prove the password again
problem-reauthentication_required-meaning = This act needs a proof of the password that is younger than five minutes.
problem-reauthentication_required-cause = The person signed in a while ago.
problem-reauthentication_required-client = Ask for the password, post it to /v1/session/reauthentication, use the new token or cookie, and repeat the request.
problem-reauthentication_required-customer = Please enter your password again. We ask because you are about to change how you sign in.

problem-wrong_password-title = The password is not correct
problem-wrong_password-meaning = The password is not the one that counts here.
problem-wrong_password-cause = A typing mistake, or an old password.
problem-wrong_password-client = Let the person type it again. Tries are counted.
problem-wrong_password-customer = The password is not correct.

problem-second_factor_required-title = The second step is needed
problem-second_factor_required-meaning = The account has a second factor, and this act needs a code of it.
problem-second_factor_required-cause = The request brought the password, or no proof at all.
problem-second_factor_required-client = Ask for a code of the app or a backup code, and send the request again with it.
problem-second_factor_required-customer = Enter the code from your app, or one of your backup codes.

problem-wrong_code-title = The code is not correct
problem-wrong_code-meaning = The code is not one that counts now.
problem-wrong_code-cause = A typing mistake, a code that is over or was used, a clock that is wrong by more than half a minute.
problem-wrong_code-client = Let the person type the next code. Tries are counted.
problem-wrong_code-customer = This code is not correct. Wait for the next one in your app and try again.

problem-mailbox_proof_required-title = The mailbox must confirm it
problem-mailbox_proof_required-meaning = The first second factor of an account is bound only with the link that its mailbox was sent.
problem-mailbox_proof_required-cause = The request had no token.
problem-mailbox_proof_required-client = Ask the person to open the e-mail; send its token with the code.
problem-mailbox_proof_required-customer = Open the e-mail that we sent you to confirm the second step.

problem-too_many_factors-title = No more apps can be added
problem-too_many_factors-meaning = The account has as many authenticator apps as it can have.
problem-too_many_factors-cause = Five apps are bound.
problem-too_many_factors-client = Offer to remove one first.
problem-too_many_factors-customer = Your account has as many apps as it can have. Remove one first.

problem-enrolment_over-title = It was begun too long ago
problem-enrolment_over-meaning = The factor cannot be bound any more.
problem-enrolment_over-cause = More than an hour has passed, it was begun again, or the account’s security changed in between.
problem-enrolment_over-client = Begin again.
problem-enrolment_over-customer = That took too long. Please begin again.

problem-password_disabled-title = The password is disabled
problem-password_disabled-meaning = A hundred wrong passwords in a row were given here, so that no password opens anything any more, right or not. Addresses without an account are answered just so.
problem-password_disabled-cause = Somebody guesses, or a program repeats an old password again and again.
problem-password_disabled-client = Waiting does not help. Lead the person to the reset of the password; a device on which they signed in before is counted apart and may still sign in.
problem-password_disabled-customer = Too many wrong passwords were entered. To sign in again, ask for a new password by e-mail.

problem-account_frozen-title = Sensitive changes are stopped for now
problem-account_frozen-meaning = Somebody with the account’s earlier mailbox said that a change was not theirs. Until the freeze ends, nobody who is signed in changes address or password.
problem-account_frozen-cause = A dispute of a change of address within the last seven days.
problem-account_frozen-client = Show until when. The owner can restore the account at once with the link in the earlier mailbox.
problem-account_frozen-customer = For your protection, the address and the password cannot be changed for now. The e-mail that we sent you says what you can do.

problem-current_email_not_verified-title = Verify the current address first
problem-current_email_not_verified-meaning = The address in force was never proved, and only a proved address can be exchanged for another.
problem-current_email_not_verified-cause = The link of the verification e-mail was not used yet.
problem-current_email_not_verified-client = Offer to send the verification e-mail again.
problem-current_email_not_verified-customer = Please verify your current e-mail address first. We can send you the link again.

problem-signed_in_to_other_account-title = Signed in to another account
problem-signed_in_to_other_account-meaning = The link belongs to another account than the one that is signed in.
problem-signed_in_to_other_account-cause = Two people share a device, or one person has two accounts.
problem-signed_in_to_other_account-client = Offer to sign out, then let the person open the link again.
problem-signed_in_to_other_account-customer = You are signed in to another account. Please sign out, then open the link again.

problem-not_found-title = There is no such thing
problem-not_found-meaning = The path or the id is of nothing, or of nothing that the caller may know of.
problem-not_found-cause = A wrong path, an id of another kind, or something of another account.
problem-not_found-client = Check the path and the id. What belongs to somebody else answers the same.
problem-not_found-customer = We could not find this. It may no longer exist.

problem-link_unknown-title = The link is not one of ours
problem-link_unknown-meaning = No link with this secret was ever sent for this purpose.
problem-link_unknown-cause = A link that was cut off by a mail program, or posted to the operation of another kind of link.
problem-link_unknown-client = Take everything after the sign # of the address. Check that the operation fits the kind of link.
problem-link_unknown-customer = This link does not work. Please copy it whole from the e-mail, or ask for a new one.

problem-method_not_allowed-title = The method is not allowed here
problem-method_not_allowed-meaning = The path exists, but not with this method.
problem-method_not_allowed-cause = A wrong verb, or a form that posts to the wrong address.
problem-method_not_allowed-client = Use one of the methods that the header Allow names.
problem-method_not_allowed-customer = Use one of the methods that the header Allow names.

problem-request_timeout-title = The body took too long
problem-request_timeout-meaning = The request’s body did not arrive in time. Nothing was done.
problem-request_timeout-cause = A slow or broken connection.
problem-request_timeout-client = Send the request again on a new connection.
problem-request_timeout-customer = The connection was too slow. Please try again.

problem-idempotency_in_flight-title = The same request is being answered
problem-idempotency_in_flight-meaning = A request with this idempotency key has not been answered yet.
problem-idempotency_in_flight-cause = A repetition that came too early, or two programs with one key.
problem-idempotency_in_flight-client = Wait as long as Retry-After says, then send the same request again.
problem-idempotency_in_flight-customer = This is being done. Please wait a moment.

problem-version_mismatch-title = It has changed meanwhile
problem-version_mismatch-meaning = The account changed between the reading and the deciding. Nothing was written.
problem-version_mismatch-cause = The same account is used on another device at this moment.
problem-version_mismatch-client = Read the account again and let the person decide on what is true now.
problem-version_mismatch-customer = Your account has changed on another device meanwhile. Please check it and try again.

problem-email_in_use_by_account-title = Another account has this address
problem-email_in_use_by_account-meaning = Another account has proved this address. Accounts are never merged, and no address moves from one to the other.
problem-email_in_use_by_account-cause = The person has a second account, or typed the address of somebody else.
problem-email_in_use_by_account-client = Let the person choose which of the two accounts to go on with, or another address.
problem-email_in_use_by_account-customer = Another account already uses this address. You can sign in to that account, or choose another address.

problem-email_known_contact-title = The shop knows this address already
problem-email_known_contact-meaning = The shop has this address as a contact without an account. An account cannot move to it, but a new account can be registered with it.
problem-email_known_contact-cause = An earlier order as a guest, or a newsletter.
problem-email_known_contact-client = Offer to sign out and register with that address.
problem-email_known_contact-customer = The shop already knows this address without an account. To use it, please sign out and register with it.

problem-email_change_window-title = An earlier change can still be disputed
problem-email_change_window-meaning = The address changed a short while ago and the password after it. Until the change can no longer be disputed, the address stays.
problem-email_change_window-cause = A second change within seven days of the first.
problem-email_change_window-client = Show when it is possible again.
problem-email_change_window-customer = Your address was changed a short while ago. For your protection, it can be changed again later.

problem-email_change_not_approved-title = The old mailbox has not agreed yet
problem-email_change_not_approved-meaning = This shop asks the mailbox of the address in force too. The new address comes into force once both have answered, the old mailbox first.
problem-email_change_not_approved-cause = The e-mail to the old mailbox was not opened, or its link has expired.
problem-email_change_not_approved-client = Send the customer to the old mailbox. The link to the new one stays good. POST /v1/me/email/change/resend sends both e-mails again.
problem-email_change_not_approved-customer = Please agree first with the message that we sent to your present address. Then open this link again.

problem-no_pending_email_change-title = No change of address is pending
problem-no_pending_email_change-meaning = There is nothing to send again and nothing to stop.
problem-no_pending_email_change-cause = The change was confirmed, stopped or replaced meanwhile.
problem-no_pending_email_change-client = Read GET /v1/me/email and show what is true now.
problem-no_pending_email_change-customer = No change of address is pending. You can start a new one.

problem-link_used-title = The link was used before
problem-link_used-meaning = A link works once. This one was used, or what it was sent for is settled.
problem-link_used-cause = A second click, or an earlier one on another device.
problem-link_used-client = Say that it was used, and lead on. After a verification or a confirmation: to the sign-in. After an agreement: to the message in the new mailbox. After a dispute: to the sign-in with the new password, or to the shop if it was somebody else.
problem-link_used-customer = This link has already been used. Please sign in to see how your account stands. If you cannot, or if it was not you, contact us.

problem-link_expired-title = The link has expired
problem-link_expired-meaning = The time in which the link worked is over.
problem-link_expired-cause = The e-mail was opened late.
problem-link_expired-client = Offer to send a new one.
problem-link_expired-customer = This link has expired. Please ask for a new one.

problem-link_superseded-title = A newer decision stands
problem-link_superseded-meaning = Something happened since the link was sent that makes it void: another link, another password, another address.
problem-link_superseded-cause = An older e-mail was opened.
problem-link_superseded-client = Point to the most recent e-mail, or offer to begin anew.
problem-link_superseded-customer = This link no longer works because something newer happened. Please use the most recent e-mail.

problem-length_required-title = The length is missing
problem-length_required-meaning = The request’s body came without a length.
problem-length_required-cause = A proxy that asks for one.
problem-length_required-client = Send Content-Length.
problem-length_required-customer = Send the header Content-Length with the body.

problem-precondition_failed-title = It has changed since it was read
problem-precondition_failed-meaning = The version that If-Match names is not the stored one. Nothing was written.
problem-precondition_failed-cause = Another device, or another tab, was quicker.
problem-precondition_failed-client = Read the account again, show what has changed, and let the person decide anew.
problem-precondition_failed-customer = Your account has changed meanwhile. Please check it and try again.

problem-payload_too_large-title = The body is too large
problem-payload_too_large-meaning = A body may have 64 KiB.
problem-payload_too_large-cause = Something else than what the operation asks for.
problem-payload_too_large-client = Send only the fields that the OpenAPI document names.
problem-payload_too_large-customer = This is too long. Please shorten it.

problem-unsupported_media_type-title = The body must be JSON
problem-unsupported_media_type-meaning = The operation takes application/json in UTF-8 and nothing else.
problem-unsupported_media_type-cause = A missing Content-Type, or an HTML form.
problem-unsupported_media_type-client = Send the header Content-Type with the value application/json.
problem-unsupported_media_type-customer = Send the body as JSON, with the header Content-Type: application/json.

problem-invalid_request-title = Some fields are not right
problem-invalid_request-meaning = The body is JSON, but some of its fields are missing, unknown or of another type. The member errors names each of them.
problem-invalid_request-cause = A program that was written for another version, or a field left empty.
problem-invalid_request-client = Correct every field that errors names, then send the request again.
problem-invalid_request-customer = Please check the fields that are marked.

problem-missing_field-title = A field is missing
problem-missing_field-meaning = The operation needs this field. It stands in errors, never alone.
problem-missing_field-cause = A field left out.
problem-missing_field-client = Send the field.
problem-missing_field-customer = This is needed.

problem-unknown_field-title = A field is unknown
problem-unknown_field-meaning = The operation has no field of this name. It stands in errors, never alone.
problem-unknown_field-cause = A typing mistake in the name, or a field of another version.
problem-unknown_field-client = Leave it out.
problem-unknown_field-customer = Leave this field out: the operation has none of this name.

problem-wrong_type-title = A field has the wrong type
problem-wrong_type-meaning = The value has another JSON type than the OpenAPI document says. It stands in errors, never alone.
problem-wrong_type-cause = A number or null where a text is meant.
problem-wrong_type-client = Send a value of the documented type.
problem-wrong_type-customer = Send a value of the JSON type that the OpenAPI document gives for this field.

problem-unknown_value-title = A field has an unknown value
problem-unknown_value-meaning = The field takes one of a few values, and this is none of them. It stands in errors, never alone.
problem-unknown_value-cause = A typing mistake, or a value of another version.
problem-unknown_value-client = Send one of the documented values.
problem-unknown_value-customer = This choice is not offered here.

problem-idempotency_key_reused-title = The idempotency key was used for something else
problem-idempotency_key_reused-meaning = A request with this key had another body. Nothing was done.
problem-idempotency_key_reused-cause = A program that does not make a new key for each thing to do.
problem-idempotency_key_reused-client = Make a new key.
problem-idempotency_key_reused-customer = Send a new Idempotency-Key: this one was used with another body.

problem-invalid_email-title = This is no e-mail address
problem-invalid_email-meaning = The text has not the form of an address that a mailbox can have.
problem-invalid_email-cause = A missing sign @, a blank, or a comma for a dot.
problem-invalid_email-client = Let the person correct it.
problem-invalid_email-customer = Please enter an e-mail address, like ada@example.org.

problem-invalid_name-title = This name cannot be used
problem-invalid_name-meaning = A name has 1 to 100 visible characters, in any script.
problem-invalid_name-cause = An empty field, or a text pasted by mistake.
problem-invalid_name-client = Let the person correct it, or leave the name out.
problem-invalid_name-customer = Please enter a name of at most 100 characters.

problem-password_too_short-title = The password is too short
problem-password_too_short-meaning = A password has at least { $min } characters. Any characters are allowed.
problem-password_too_short-cause = A short password.
problem-password_too_short-client = Say the number before the person types. Do not ask for digits or signs.
problem-password_too_short-customer = Please choose a password of at least { $min } characters.

problem-password_too_long-title = The password is too long
problem-password_too_long-meaning = A password has at most 256 characters.
problem-password_too_long-cause = A text pasted by mistake.
problem-password_too_long-client = Let the person choose a shorter one. Never cut it off.
problem-password_too_long-customer = Please choose a password of at most 256 characters.

problem-password_leaked-title = The password is in lists of leaked passwords
problem-password_leaked-meaning = Thieves try the passwords of these lists first.
problem-password_leaked-cause = A common password, or one that was used elsewhere.
problem-password_leaked-client = Say why, and let the person choose another one.
problem-password_leaked-customer = This password is in lists that thieves use. Please choose another one.

problem-password_own_data-title = The password is your own name or address
problem-password_own_data-meaning = A password must not be the account’s address, a part of it, or the customer’s name.
problem-password_own_data-cause = The easiest thing to type.
problem-password_own_data-client = Say why, and let the person choose another one.
problem-password_own_data-customer = Your name or address is easy to guess. Please choose another password.

problem-password_repetition-title = The password repeats one short piece
problem-password_repetition-meaning = One short piece over and over is guessed as fast as the piece.
problem-password_repetition-cause = A password filled up to the minimum.
problem-password_repetition-client = Say why, and let the person choose another one.
problem-password_repetition-customer = This password repeats the same characters. Please choose another one.

problem-password_unchanged-title = The new password is the old one
problem-password_unchanged-meaning = The new password is the one in force.
problem-password_unchanged-cause = The same password typed twice.
problem-password_unchanged-client = Let the person choose another one.
problem-password_unchanged-customer = This is already your password. Please choose another one.

problem-emails_mismatch-title = The two addresses differ
problem-emails_mismatch-meaning = The new address is typed twice, and the two are not the same.
problem-emails_mismatch-cause = A typing mistake in one of them.
problem-emails_mismatch-client = Let the person compare them.
problem-emails_mismatch-customer = The two addresses are not the same. Please check both.

problem-email_undeliverable-title = The address cannot receive mail
problem-email_undeliverable-meaning = The text is no address, or its domain takes no mail.
problem-email_undeliverable-cause = A typing mistake in the domain.
problem-email_undeliverable-client = Where the member suggestion is there, ask whether it was meant.
problem-email_undeliverable-customer = This address cannot receive e-mail. Please check it.

problem-email_unchanged-title = This is the address in force
problem-email_unchanged-meaning = The new address is the current one, perhaps with other capitals.
problem-email_unchanged-cause = The field was filled in by the browser.
problem-email_unchanged-client = Let the person type the new address.
problem-email_unchanged-customer = This is already your address. Please enter the new one.

problem-precondition_required-title = Say which version you mean
problem-precondition_required-meaning = A change of shared data needs the header If-Match, so that nobody overwrites what another has written.
problem-precondition_required-cause = A client that was not written for it.
problem-precondition_required-client = Send the ETag of the last reading as If-Match.
problem-precondition_required-customer = Send the ETag of the last reading in the header If-Match.

problem-too_many_requests-title = Too many tries for now
problem-too_many_requests-meaning = More tries than are allowed in this time. They were counted whether or not there is an account.
problem-too_many_requests-cause = Typing mistakes in a row, a program in a loop, or somebody who guesses.
problem-too_many_requests-client = Wait as long as Retry-After says, then send the same request again.
problem-too_many_requests-customer = Too many tries for now. Please wait a while and try again.

problem-email_change_quota-title = Too many changes of address for today
problem-email_change_quota-meaning = One account may ask for a few changes of address in a day.
problem-email_change_quota-cause = Several addresses tried one after the other.
problem-email_change_quota-client = Wait as long as Retry-After says, then send the same request again.
problem-email_change_quota-customer = You have asked for several changes of address today. Please try again later.

problem-resend_too_soon-title = An e-mail was sent just now
problem-resend_too_soon-meaning = Between two e-mails there is at least a minute.
problem-resend_too_soon-cause = An impatient click.
problem-resend_too_soon-client = Wait as long as Retry-After says. Show the time.
problem-resend_too_soon-customer = We have just sent you an e-mail. It can take a few minutes, so please look in your spam folder too.

problem-resend_limit-title = No more e-mails for this change
problem-resend_limit-meaning = One change of address causes six e-mails at most.
problem-resend_limit-cause = The e-mails do not arrive, most likely because the address has a typing mistake.
problem-resend_limit-client = Show the address, and offer to begin anew.
problem-resend_limit-customer = We have sent several e-mails to this address. Please check the address, or start a new change.

problem-internal-title = Something went wrong on our side
problem-internal-meaning = The server met a fault of its own. What was asked for may have happened or not.
problem-internal-cause = A fault in the program.
problem-internal-client = Send the request again with the same Idempotency-Key. Report the request id if it stays.
problem-internal-customer = Something went wrong on our side. Please try again later.

problem-timeout-title = The answer took too long
problem-timeout-meaning = The request was not finished in time. What was asked for may have happened or not.
problem-timeout-cause = A server under load.
problem-timeout-client = Send the request again with the same Idempotency-Key.
problem-timeout-customer = This took too long. Please try again in a moment.

problem-contended-title = Others were quicker
problem-contended-meaning = The same records were changed at the same moment, again and again. Nothing was done.
problem-contended-cause = Many requests for one account at once.
problem-contended-client = Wait as long as Retry-After says, then send the same request again.
problem-contended-customer = Please try again in a moment.

problem-overloaded-title = More work than can be done
problem-overloaded-meaning = The server has more work than it can do and does not queue it without end. Nothing was done.
problem-overloaded-cause = Many people signing in at once.
problem-overloaded-client = Wait as long as Retry-After says, then send the same request again.
problem-overloaded-customer = Many people are signing in at the moment. Please try again in a moment.

problem-outage-title = A part of the service is down
problem-outage-meaning = The database, the vault or another part did not answer.
problem-outage-cause = Maintenance, or a fault that is being looked at.
problem-outage-client = Wait as long as Retry-After says, then send the same request again.
problem-outage-customer = We cannot do this at the moment. Please try again in a few minutes.

## Hints: what the form of one request has to do with its refusal, for whoever wrote the program that sent it

hint-no_path = No route has this path. The API is under /v1, its documentation at /docs and /openapi.json.
hint-no_credential = The request came without a session. Send the header Authorization with the word Bearer, a blank and the token of a sign-in, or the session cookie.
hint-authorization_form = The header Authorization must stand once and hold the word Bearer, a blank and the token of a session. No other scheme is taken.
hint-session_token_form = The bearer token has not the form of the token of a session, which is { $expected }_ and 43 more characters. It may be cut off, or be the token of something else.
hint-no_session = No live session can be used with this bearer token. Sessions that were made for a cookie are not taken here.
hint-no_session_needed = No live session can be used with the header Authorization, and this operation needs none. Send the request without that header, a sign-in above all, or with the token of a live session.
hint-dead_cookie = No live session can be used with this cookie, and the answer takes it away. Sessions that were made for a bearer token are not taken here.
hint-csrf_missing = The session came in a cookie, and the header X-CSRF-Token is missing. Its value is the csrf_token of GET /v1/session.
hint-csrf_wrong = The value of the header X-CSRF-Token is not the one of the session in the cookie. Read csrf_token of GET /v1/session again.
hint-csrf_origin = The browser does not say that a page of this origin sent the request: neither Sec-Fetch-Site nor Origin does. Programs that are no browsers use a bearer token.
hint-link_token_form = The token has not the form of one for this operation, which is { $expected }_ and 43 more characters, everything after the sign # of the link. It may be cut off.
hint-link_token_of_other = The token has the form of one for another operation. The one for this operation begins with { $expected }_.

## The pages of problems

problems-page-title = Problems of the API
problems-page-intro = Every refusal of the API is a problem (RFC 9457) with one of these codes. A published code keeps its meaning.
problem-page-status = with the HTTP status
problem-page-meaning = What it means
problem-page-cause = A typical cause
problem-page-client = What the client does
problem-page-customer = What the answer says (detail)
problem-page-actions = What the person can do (next_actions)
problem-page-no-actions = Nothing is named: the request is to be corrected.
problem-page-example = An example
problem-page-all = All problems
page-this-language = English

## What the next actions of a problem mean, on its page

next-action-sign_in = Sign in, with POST /v1/sessions.
next-action-reauthenticate = Prove the password again, with POST /v1/session/reauthentication.
next-action-resend_verification = Ask for the verification e-mail again, with POST /v1/verifications/resend, or signed in with POST /v1/me/email/verification.
next-action-resend_email_change = Ask for the e-mail of the pending change again, with POST /v1/me/email/change/resend.
next-action-request_email_change = Begin a new change of address, with POST /v1/me/email/change.
next-action-sign_out_and_register = Sign out, then register with the new address.
next-action-check_old_mailbox = Open the message in the mailbox of your present address, and agree.
next-action-choose_account = Choose which of the two accounts to go on with.
next-action-register = Register, with POST /v1/registrations.
next-action-prove_second_factor = Prove the second factor, with a code of the app or a backup code.
next-action-check_mailbox = Open the e-mail that was sent to the address in force, and send its token.
next-action-enrol_again = Begin with the authenticator app again, with POST /v1/me/second-factors/totp.
next-action-reset_password = Have another password set by mail, with POST /v1/password-resets.
next-action-check_security = Look through what secures the account, with GET /v1/me/security-checkup.
next-action-change_password = Change the password, with POST /v1/me/password.
next-action-review_email_change = Look at the pending change of address, with GET /v1/me/email: confirm it, or stop it.
next-action-review_sessions = Look through the sessions, with GET /v1/sessions, and end those that are not one’s own.
next-action-wait = Wait as long as Retry-After says.
next-action-contact_shop = Write to the shop.

## The page at the root

root-page-title = Rightful
root-page-what = This server holds customer accounts and keeps them with their rightful owners. It is an API for programs; people meet it through the pages of their shop.
root-page-api = The API is under
root-page-documentation = every operation, to try by hand
root-page-openapi = the OpenAPI document
root-page-problems = every kind of refusal, explained
root-page-health = whether the server is well
root-page-inbox = the e-mails of this development server

## The page of a path that does not exist, for a browser

not-found-page-title = There is nothing here
not-found-page-what = No page of this server has this address. If a link in an e-mail led here, copy it whole from the e-mail, or write to the shop that sent it.
not-found-page-root = what this server is

## The pages that links of letters lead to when the shop has none of its own

link-page-verify-title = Verify your e-mail address
link-page-verify-what = You followed a link that verifies the e-mail address of a new account.
link-page-verify-shop = This link is completed with POST /v1/verifications, with its token and the password that the customer chooses.
link-page-confirm-email-change-title = Confirm your new e-mail address
link-page-confirm-email-change-what = You followed a link that confirms a new e-mail address for your account.
link-page-confirm-email-change-shop = This link is completed with POST /v1/email-changes/confirm, with its token, in a session of the account or with its password.
link-page-approve-email-change-title = Agree to a new e-mail address
link-page-approve-email-change-what = You followed a link that agrees to a new e-mail address for your account.
link-page-approve-email-change-shop = This link is completed with POST /v1/email-changes/approve, with its token.
link-page-reset-password-title = Choose a new password
link-page-reset-password-what = You followed a link that sets a new password for your account.
link-page-reset-password-shop = This link is completed with POST /v1/password-resets/complete, with its token and the password that the customer chooses. It signs nobody in.
link-page-dispute-email-change-title = This change was not yours
link-page-dispute-email-change-what = You followed a link that stops a change of your e-mail address, or undoes it.
link-page-dispute-email-change-shop = This link is completed with POST /v1/email-changes/dispute, with its token. With the password that was in force before and a new one, the earlier address is restored.
link-page-bind-second-factor-title = Confirm the second step
link-page-bind-second-factor-what = You followed a link that adds a second step to signing in to your account.
link-page-bind-second-factor-shop = This link is completed with POST /v1/me/second-factors/ID/bind in the session that began, with its token and a code of the app.
link-page-nothing-changed = Opening this page changed nothing.
link-page-next = The shop that sent you the e-mail has no page for this step yet. Please write to it and keep the e-mail, because the link in it still works.
link-page-contact = You can reach it here:
link-page-shop-title = For the shop
link-page-shop-fragment = The token stands after the sign # of the link, where no server and no log sees it. Configure mail.link_base, the address under which pages of the shop take the links of e-mails. Such a page takes the token from there and posts it when the customer presses a button.
link-page-shop-default = This page is shown because mail.link_base is not configured: links lead to this server itself.
link-page-dev-title = On this development server
link-page-dev-verify = Complete it in a terminal. In place of TOKEN, write what stands after the sign # of the link in the e-mail; the password is the one that the account has from then on.
link-page-dev-confirm-email-change = Complete it in a terminal. In place of TOKEN, write what stands after the sign # of the link in the e-mail; in place of PASSWORD, the password of the account.
link-page-dev-approve-email-change = Complete it in a terminal. In place of TOKEN, write what stands after the sign # of the link in the e-mail. The change then waits for the new mailbox only.
link-page-dev-reset-password = Complete it in a terminal. In place of TOKEN, write what stands after the sign # of the link in the e-mail; the password is the one that the account has from then on.
link-page-dev-dispute-email-change = Complete it in a terminal. In place of TOKEN, write what stands after the sign # of the link in the e-mail. It stops the change and everything sensitive; with password and new_password beside the token, the earlier address comes back.
link-page-dev-bind-second-factor = Complete it in a terminal, with the session that began as Authorization. In place of TOKEN, write what stands after the sign # of the link in the e-mail; ID is what the beginning told, CODE what the app shows.

## What the link in a shop’s navigation reads (R-020)

session-label-signed-out = Sign in
session-label-signed-in = Account
