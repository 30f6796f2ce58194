### Problems: what the JSON API says about a refusal, in French; with the few pages that it serves.

problem-bad_request-title = La requête est illisible
problem-bad_request-meaning = La requête, un en-tête ou un paramètre n’a pas la forme attendue.
problem-bad_request-cause = Un programme qui compose ses requêtes à la main, ou une connexion interrompue.
problem-bad_request-client = Comparez la requête au document OpenAPI et corrigez-la. Renvoyée telle quelle, elle sera refusée de nouveau.
problem-bad_request-customer = Comparez la requête au document OpenAPI : elle, un en-tête ou un paramètre n’a pas la forme attendue.

problem-malformed_json-title = Le corps n’est pas du JSON valide
problem-malformed_json-meaning = Le corps n’est pas du JSON, est trop imbriqué, ou contient deux fois la même clé.
problem-malformed_json-cause = Une virgule ou une accolade oubliée, un texte qui n’est pas en UTF-8, ou un corps vide.
problem-malformed_json-client = Composez le corps avec une bibliothèque JSON. Si une clé figure deux fois, errors la désigne.
problem-malformed_json-customer = Envoyez un corps en JSON valide, en UTF-8.

problem-duplicate_key-title = Une clé figure deux fois
problem-duplicate_key-meaning = Une clé figure deux fois dans un même objet JSON. Les programmes ne s’accordent pas sur celle qui compte, donc aucune ne compte.
problem-duplicate_key-cause = Un corps assemblé à partir de morceaux de texte.
problem-duplicate_key-client = Envoyez chaque clé une seule fois.
problem-duplicate_key-customer = Envoyez chaque clé d’un objet JSON une seule fois.

problem-malformed_idempotency_key-title = La clé d’idempotence est inutilisable
problem-malformed_idempotency_key-meaning = L’en-tête Idempotency-Key contient de 1 à 255 caractères ASCII visibles, avec ou sans guillemets, et figure une seule fois.
problem-malformed_idempotency_key-cause = Une clé vide, une espace dans la clé, ou deux en-têtes de ce nom.
problem-malformed_idempotency_key-client = Envoyez un nouvel UUID aléatoire pour chaque opération voulue.
problem-malformed_idempotency_key-customer = Envoyez une seule Idempotency-Key de 1 à 255 caractères ASCII visibles, par exemple un UUID aléatoire.

problem-unauthenticated-title = Connectez-vous d’abord
problem-unauthenticated-meaning = Aucune session en cours n’a été présentée, ou celle qui l’a été est terminée.
problem-unauthenticated-cause = La session a pris fin avec le temps, par une déconnexion, ou parce que le mot de passe ou l’adresse a changé.
problem-unauthenticated-client = Invitez la personne à se connecter, puis répétez la requête.
problem-unauthenticated-customer = Veuillez vous connecter pour continuer.

problem-wrong_credentials-title = L’adresse ou le mot de passe est incorrect
problem-wrong_credentials-meaning = Aucun compte n’a cette adresse et ce mot de passe. Lequel des deux est faux n’est pas dit, afin que personne n’apprenne qui a un compte.
problem-wrong_credentials-cause = Une faute de frappe, un ancien mot de passe, ou un compte sous une autre adresse.
problem-wrong_credentials-client = Laissez la personne saisir les deux de nouveau. Proposez l’inscription.
problem-wrong_credentials-customer = L’adresse e-mail ou le mot de passe est incorrect.

problem-proof_required-title = Montrez que ce compte est le vôtre
problem-proof_required-meaning = Confirmer une nouvelle adresse demande une session du compte ou son mot de passe.
problem-proof_required-cause = Le lien a été ouvert sur un appareil où personne n’est connecté.
problem-proof_required-client = Envoyez la requête avec une session du compte, ou avec son mot de passe dans le corps.
problem-proof_required-customer = Veuillez saisir votre mot de passe pour confirmer la nouvelle adresse.

problem-csrf_failed-title = La requête ne vient pas de nos pages
problem-csrf_failed-meaning = Avec une session dans un cookie, une requête qui modifie quelque chose demande l’en-tête X-CSRF-Token et doit venir d’une page de cette origine. Une connexion qui demande un cookie aussi.
problem-csrf_failed-cause = Une page restée ouverte pendant une nouvelle connexion, un en-tête manquant, ou une page d’un autre site.
problem-csrf_failed-client = Lisez la valeur avec GET /v1/session et renvoyez la requête depuis une page de cette origine. Les programmes utilisent plutôt un jeton bearer.
problem-csrf_failed-customer = Envoyez le X-CSRF-Token de la session, depuis une page de cette origine.

problem-accounts_disabled-title = Il n’y a pas de comptes clients
problem-accounts_disabled-meaning = Cette boutique ne propose pas de comptes clients.
problem-accounts_disabled-cause = L’exploitant les a désactivés.
problem-accounts_disabled-client = Ne proposez pas l’inscription.
problem-accounts_disabled-customer = Cette boutique ne propose pas de comptes clients pour le moment.

problem-reauthentication_required-title = Confirmez de nouveau votre mot de passe
problem-reauthentication_required-meaning = Cette opération demande une preuve du mot de passe de moins de cinq minutes.
problem-reauthentication_required-cause = La personne s’est connectée il y a un moment.
problem-reauthentication_required-client = Demandez le mot de passe, envoyez-le à /v1/session/reauthentication, utilisez le nouveau jeton ou cookie, et répétez la requête.
problem-reauthentication_required-customer = Veuillez saisir de nouveau votre mot de passe. Nous le demandons car vous allez modifier votre façon de vous connecter.

problem-wrong_password-title = Le mot de passe est incorrect
problem-wrong_password-meaning = Le mot de passe n’est pas celui qui compte ici.
problem-wrong_password-cause = Une faute de frappe, ou un ancien mot de passe.
problem-wrong_password-client = Laissez la personne le saisir de nouveau. Les essais sont comptés.
problem-wrong_password-customer = Le mot de passe est incorrect.

problem-second_factor_required-title = La deuxième étape est nécessaire
problem-second_factor_required-meaning = Le compte a un second facteur, et cette action demande un code de celui-ci.
problem-second_factor_required-cause = La requête apportait le mot de passe, ou aucune preuve.
problem-second_factor_required-client = Demander un code de l’application ou un code de secours, puis renvoyer la requête avec lui.
problem-second_factor_required-customer = Saisissez le code de votre application, ou l’un de vos codes de secours.

problem-wrong_code-title = Le code est incorrect
problem-wrong_code-meaning = Ce code ne vaut pas en ce moment.
problem-wrong_code-cause = Une faute de frappe, un code expiré ou déjà utilisé, une horloge décalée de plus d’une demi-minute.
problem-wrong_code-client = Laisser la personne saisir le code suivant. Les essais sont comptés.
problem-wrong_code-customer = Ce code est incorrect. Attendez le suivant dans votre application et réessayez.

problem-mailbox_proof_required-title = La boîte e-mail doit le confirmer
problem-mailbox_proof_required-meaning = Le premier second facteur d’un compte n’est ajouté qu’avec le lien envoyé à son adresse e-mail.
problem-mailbox_proof_required-cause = La requête n’avait pas de jeton.
problem-mailbox_proof_required-client = Demander à la personne d’ouvrir l’e-mail et envoyer son jeton avec le code.
problem-mailbox_proof_required-customer = Ouvrez l’e-mail que nous vous avons envoyé pour confirmer la deuxième étape.

problem-too_many_factors-title = Aucune application de plus ne peut être ajoutée
problem-too_many_factors-meaning = Le compte a autant d’applications d’authentification qu’il peut en avoir.
problem-too_many_factors-cause = Cinq applications sont liées au compte.
problem-too_many_factors-client = Proposer d’en retirer une d’abord.
problem-too_many_factors-customer = Votre compte a autant d’applications qu’il peut en avoir. Retirez-en une d’abord.

problem-enrolment_over-title = La demande est trop ancienne
problem-enrolment_over-meaning = Le facteur ne peut plus être ajouté.
problem-enrolment_over-cause = Plus d’une heure a passé, l’ajout a été recommencé, ou la sécurité du compte a changé entre-temps.
problem-enrolment_over-client = Recommencer.
problem-enrolment_over-customer = Le délai est dépassé. Veuillez recommencer.

problem-password_disabled-title = Le mot de passe est désactivé
problem-password_disabled-meaning = Cent mots de passe erronés ont été donnés de suite ici ; aucun mot de passe n’ouvre donc plus rien, juste ou non. Les adresses sans compte reçoivent la même réponse.
problem-password_disabled-cause = Quelqu’un devine, ou un programme répète sans cesse un ancien mot de passe.
problem-password_disabled-client = Attendre ne sert à rien. Menez la personne à la réinitialisation du mot de passe ; un appareil déjà connu est compté à part et peut encore se connecter.
problem-password_disabled-customer = Trop de mots de passe erronés ont été saisis. Pour vous reconnecter, demandez un nouveau mot de passe par e-mail.

problem-account_frozen-title = Les changements sensibles sont suspendus
problem-account_frozen-meaning = Une personne qui a accès à l’ancienne boîte a signalé qu’un changement n’était pas le sien. Jusqu’à la fin du gel, aucune personne connectée ne change l’adresse ni le mot de passe.
problem-account_frozen-cause = La contestation d’un changement d’adresse au cours des sept derniers jours.
problem-account_frozen-client = Indiquez jusqu’à quand. Le propriétaire peut rétablir le compte tout de suite avec le lien reçu dans l’ancienne boîte.
problem-account_frozen-customer = Pour vous protéger, l’adresse et le mot de passe ne peuvent pas être modifiés pour le moment. L’e-mail que nous avons envoyé indique ce que vous pouvez faire.

problem-current_email_not_verified-title = Vérifiez d’abord l’adresse actuelle
problem-current_email_not_verified-meaning = L’adresse en vigueur n’a jamais été vérifiée, et seule une adresse vérifiée peut être remplacée.
problem-current_email_not_verified-cause = Le lien de l’e-mail de vérification n’a pas encore été utilisé.
problem-current_email_not_verified-client = Proposez de renvoyer l’e-mail de vérification.
problem-current_email_not_verified-customer = Veuillez d’abord vérifier votre adresse e-mail actuelle. Nous pouvons vous renvoyer le lien.

problem-signed_in_to_other_account-title = Connecté à un autre compte
problem-signed_in_to_other_account-meaning = Le lien appartient à un autre compte que celui qui est connecté.
problem-signed_in_to_other_account-cause = Deux personnes partagent un appareil, ou une personne a deux comptes.
problem-signed_in_to_other_account-client = Proposez de se déconnecter, puis de rouvrir le lien.
problem-signed_in_to_other_account-customer = Vous êtes connecté à un autre compte. Veuillez vous déconnecter, puis rouvrir le lien.

problem-not_found-title = Introuvable
problem-not_found-meaning = Le chemin ou l’identifiant ne désigne rien, ou rien que l’appelant puisse connaître.
problem-not_found-cause = Un chemin erroné, un identifiant d’un autre genre, ou un élément d’un autre compte.
problem-not_found-client = Vérifiez le chemin et l’identifiant. Ce qui appartient à autrui reçoit la même réponse.
problem-not_found-customer = Nous n’avons rien trouvé. Cet élément n’existe peut-être plus.

problem-link_unknown-title = Ce lien n’est pas le nôtre
problem-link_unknown-meaning = Aucun lien avec ce secret n’a été envoyé pour cet usage.
problem-link_unknown-cause = Un lien coupé par un logiciel de messagerie, ou envoyé à l’opération d’un autre type de lien.
problem-link_unknown-client = Prenez tout ce qui suit le signe # de l’adresse. Vérifiez que l’opération correspond au type de lien.
problem-link_unknown-customer = Ce lien ne fonctionne pas. Veuillez le copier en entier depuis l’e-mail, ou en demander un nouveau.

problem-method_not_allowed-title = La méthode n’est pas permise ici
problem-method_not_allowed-meaning = Le chemin existe, mais pas avec cette méthode.
problem-method_not_allowed-cause = Un mauvais verbe, ou un formulaire qui envoie à la mauvaise adresse.
problem-method_not_allowed-client = Utilisez une des méthodes que nomme l’en-tête Allow.
problem-method_not_allowed-customer = Employez une des méthodes que nomme l’en-tête Allow.

problem-request_timeout-title = Le corps a mis trop de temps
problem-request_timeout-meaning = Le corps de la requête n’est pas arrivé à temps. Rien n’a été fait.
problem-request_timeout-cause = Une connexion lente ou interrompue.
problem-request_timeout-client = Renvoyez la requête sur une nouvelle connexion.
problem-request_timeout-customer = La connexion était trop lente. Veuillez réessayer.

problem-idempotency_in_flight-title = La même requête est en cours
problem-idempotency_in_flight-meaning = Une requête avec cette clé d’idempotence n’a pas encore reçu de réponse.
problem-idempotency_in_flight-cause = Une répétition trop précoce, ou deux programmes avec la même clé.
problem-idempotency_in_flight-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-idempotency_in_flight-customer = L’opération est en cours. Veuillez patienter un instant.

problem-version_mismatch-title = Modifié entre-temps
problem-version_mismatch-meaning = Le compte a changé entre la lecture et la décision. Rien n’a été écrit.
problem-version_mismatch-cause = Le même compte est utilisé en ce moment sur un autre appareil.
problem-version_mismatch-client = Relisez le compte et laissez la personne décider sur ce qui est vrai à présent.
problem-version_mismatch-customer = Votre compte a été modifié entre-temps sur un autre appareil. Veuillez vérifier et réessayer.

problem-email_in_use_by_account-title = Un autre compte a cette adresse
problem-email_in_use_by_account-meaning = Un autre compte a vérifié cette adresse. Les comptes ne sont jamais fusionnés, et une adresse ne passe pas de l’un à l’autre.
problem-email_in_use_by_account-cause = La personne a un second compte, ou a saisi l’adresse de quelqu’un d’autre.
problem-email_in_use_by_account-client = Laissez la personne choisir avec lequel des deux comptes continuer, ou une autre adresse.
problem-email_in_use_by_account-customer = Un autre compte utilise déjà cette adresse. Vous pouvez vous connecter à ce compte, ou choisir une autre adresse.

problem-email_known_contact-title = La boutique connaît déjà cette adresse
problem-email_known_contact-meaning = La boutique a cette adresse comme contact sans compte. Un compte ne peut pas la prendre, mais un nouveau compte peut être créé avec elle.
problem-email_known_contact-cause = Une commande passée en invité, ou une lettre d’information.
problem-email_known_contact-client = Proposez de se déconnecter et de s’inscrire avec cette adresse.
problem-email_known_contact-customer = La boutique connaît déjà cette adresse, sans compte. Pour l’utiliser, veuillez vous déconnecter et vous inscrire avec elle.

problem-email_change_window-title = Un changement récent peut encore être contesté
problem-email_change_window-meaning = L’adresse a changé il y a peu, et le mot de passe après elle. Tant que ce changement peut être contesté, l’adresse reste.
problem-email_change_window-cause = Un second changement dans les sept jours qui suivent le premier.
problem-email_change_window-client = Indiquez quand ce sera de nouveau possible.
problem-email_change_window-customer = Votre adresse a été modifiée il y a peu. Pour vous protéger, elle pourra l’être de nouveau plus tard.

problem-email_change_not_approved-title = L’ancienne adresse n’a pas encore donné son accord
problem-email_change_not_approved-meaning = Cette boutique interroge aussi l’adresse en vigueur. La nouvelle adresse ne prend effet que lorsque les deux ont répondu, l’ancienne d’abord.
problem-email_change_not_approved-cause = L’e-mail à l’ancienne adresse n’a pas été ouvert, ou son lien a expiré.
problem-email_change_not_approved-client = Envoyez le client vers son ancienne boîte. Le lien vers la nouvelle reste valable. POST /v1/me/email/change/resend renvoie les deux e-mails.
problem-email_change_not_approved-customer = Donnez d’abord votre accord avec le message envoyé à votre adresse actuelle. Ouvrez ensuite de nouveau ce lien.

problem-no_pending_email_change-title = Aucun changement d’adresse en attente
problem-no_pending_email_change-meaning = Il n’y a rien à renvoyer ni à annuler.
problem-no_pending_email_change-cause = Le changement a été confirmé, annulé ou remplacé entre-temps.
problem-no_pending_email_change-client = Lisez GET /v1/me/email et montrez ce qui est vrai à présent.
problem-no_pending_email_change-customer = Aucun changement d’adresse n’est en attente. Vous pouvez en commencer un nouveau.

problem-link_used-title = Le lien a déjà servi
problem-link_used-meaning = Un lien fonctionne une seule fois. Celui-ci a servi, ou ce pour quoi il a été envoyé est réglé.
problem-link_used-cause = Un second clic, ou un premier sur un autre appareil.
problem-link_used-client = Dites qu’il a servi, et menez plus loin. Après une vérification ou une confirmation : à la connexion. Après un accord : au message dans la nouvelle messagerie. Après une contestation : à la connexion avec le nouveau mot de passe, ou à la boutique si c’était quelqu’un d’autre.
problem-link_used-customer = Ce lien a déjà été utilisé. Connectez-vous pour voir où en est votre compte. Si vous ne le pouvez pas, ou si ce n’était pas vous, contactez-nous.

problem-link_expired-title = Le lien a expiré
problem-link_expired-meaning = Le temps pendant lequel le lien fonctionnait est écoulé.
problem-link_expired-cause = L’e-mail a été ouvert tard.
problem-link_expired-client = Proposez d’en envoyer un nouveau.
problem-link_expired-customer = Ce lien a expiré. Veuillez en demander un nouveau.

problem-link_superseded-title = Une décision plus récente l’emporte
problem-link_superseded-meaning = Depuis l’envoi du lien, quelque chose l’a rendu caduc, comme un autre lien, un autre mot de passe ou une autre adresse.
problem-link_superseded-cause = Un e-mail plus ancien a été ouvert.
problem-link_superseded-client = Renvoyez à l’e-mail le plus récent, ou proposez de recommencer.
problem-link_superseded-customer = Ce lien ne fonctionne plus, car quelque chose de plus récent a eu lieu. Veuillez utiliser le dernier e-mail.

problem-length_required-title = La longueur manque
problem-length_required-meaning = Le corps de la requête est arrivé sans longueur.
problem-length_required-cause = Un proxy qui en exige une.
problem-length_required-client = Envoyez Content-Length.
problem-length_required-customer = Envoyez l’en-tête Content-Length avec le corps.

problem-precondition_failed-title = Modifié depuis la lecture
problem-precondition_failed-meaning = La version que nomme If-Match n’est pas celle qui est enregistrée. Rien n’a été écrit.
problem-precondition_failed-cause = Un autre appareil, ou un autre onglet, a été plus rapide.
problem-precondition_failed-client = Relisez le compte, montrez ce qui a changé, et laissez la personne décider de nouveau.
problem-precondition_failed-customer = Votre compte a été modifié entre-temps. Veuillez vérifier et réessayer.

problem-payload_too_large-title = Le corps est trop grand
problem-payload_too_large-meaning = Un corps peut compter 64 Kio.
problem-payload_too_large-cause = Autre chose que ce que l’opération demande.
problem-payload_too_large-client = N’envoyez que les champs que nomme le document OpenAPI.
problem-payload_too_large-customer = C’est trop long. Veuillez raccourcir.

problem-unsupported_media_type-title = Le corps doit être du JSON
problem-unsupported_media_type-meaning = L’opération accepte application/json en UTF-8 et rien d’autre.
problem-unsupported_media_type-cause = Un Content-Type manquant, ou un formulaire HTML.
problem-unsupported_media_type-client = Envoyez l’en-tête Content-Type avec la valeur application/json.
problem-unsupported_media_type-customer = Envoyez le corps en JSON, avec application/json dans l’en-tête Content-Type.

problem-invalid_request-title = Certains champs sont à corriger
problem-invalid_request-meaning = Le corps est du JSON, mais certains champs manquent, sont inconnus ou d’un autre type. Le membre errors les désigne tous.
problem-invalid_request-cause = Un programme écrit pour une autre version, ou un champ laissé vide.
problem-invalid_request-client = Corrigez chaque champ que désigne errors, puis renvoyez la requête.
problem-invalid_request-customer = Veuillez vérifier les champs signalés.

problem-missing_field-title = Un champ manque
problem-missing_field-meaning = L’opération a besoin de ce champ. Ce code figure dans errors, jamais seul.
problem-missing_field-cause = Un champ omis.
problem-missing_field-client = Envoyez le champ.
problem-missing_field-customer = Ce champ est nécessaire.

problem-unknown_field-title = Un champ est inconnu
problem-unknown_field-meaning = L’opération n’a pas de champ de ce nom. Ce code figure dans errors, jamais seul.
problem-unknown_field-cause = Une faute de frappe dans le nom, ou un champ d’une autre version.
problem-unknown_field-client = Supprimez-le.
problem-unknown_field-customer = Supprimez ce champ : l’opération n’en a pas de ce nom.

problem-wrong_type-title = Un champ n’est pas du bon type
problem-wrong_type-meaning = La valeur a un autre type JSON que celui du document OpenAPI. Ce code figure dans errors, jamais seul.
problem-wrong_type-cause = Un nombre ou null à la place d’un texte.
problem-wrong_type-client = Envoyez une valeur du type documenté.
problem-wrong_type-customer = Envoyez une valeur du type JSON que le document OpenAPI indique pour ce champ.

problem-unknown_value-title = Un champ a une valeur inconnue
problem-unknown_value-meaning = Le champ accepte quelques valeurs, et celle-ci n’en fait pas partie. Ce code figure dans errors, jamais seul.
problem-unknown_value-cause = Une faute de frappe, ou une valeur d’une autre version.
problem-unknown_value-client = Envoyez une des valeurs documentées.
problem-unknown_value-customer = Ce choix n’est pas proposé ici.

problem-idempotency_key_reused-title = La clé d’idempotence a servi à autre chose
problem-idempotency_key_reused-meaning = Une requête avec cette clé avait un autre corps. Rien n’a été fait.
problem-idempotency_key_reused-cause = Un programme qui ne crée pas une nouvelle clé pour chaque opération.
problem-idempotency_key_reused-client = Créez une nouvelle clé.
problem-idempotency_key_reused-customer = Envoyez une nouvelle Idempotency-Key : celle-ci a servi avec un autre corps.

problem-invalid_email-title = Ce n’est pas une adresse e-mail
problem-invalid_email-meaning = Le texte n’a pas la forme d’une adresse qu’une boîte peut avoir.
problem-invalid_email-cause = Un signe @ oublié, une espace, ou une virgule à la place d’un point.
problem-invalid_email-client = Laissez la personne corriger.
problem-invalid_email-customer = Veuillez saisir une adresse e-mail, comme ada@example.org.

problem-invalid_name-title = Ce nom ne peut pas être utilisé
problem-invalid_name-meaning = Un nom compte de 1 à 100 caractères visibles, dans toute écriture.
problem-invalid_name-cause = Un champ vide, ou un texte collé par erreur.
problem-invalid_name-client = Laissez la personne corriger, ou omettez le nom.
problem-invalid_name-customer = Veuillez saisir un nom de 100 caractères au plus.

problem-password_too_short-title = Le mot de passe est trop court
problem-password_too_short-meaning = Un mot de passe compte au moins { $min } caractères. Tous les caractères sont permis.
problem-password_too_short-cause = Un mot de passe court.
problem-password_too_short-client = Indiquez le nombre avant la saisie. N’exigez ni chiffres ni signes.
problem-password_too_short-customer = Veuillez choisir un mot de passe d’au moins { $min } caractères.

problem-password_too_long-title = Le mot de passe est trop long
problem-password_too_long-meaning = Un mot de passe compte au plus 256 caractères.
problem-password_too_long-cause = Un texte collé par erreur.
problem-password_too_long-client = Laissez la personne en choisir un plus court. Ne le tronquez jamais.
problem-password_too_long-customer = Veuillez choisir un mot de passe de 256 caractères au plus.

problem-password_leaked-title = Le mot de passe figure dans des listes de fuites
problem-password_leaked-meaning = Les voleurs essaient d’abord les mots de passe de ces listes.
problem-password_leaked-cause = Un mot de passe courant, ou déjà utilisé ailleurs.
problem-password_leaked-client = Dites pourquoi, et laissez la personne en choisir un autre.
problem-password_leaked-customer = Ce mot de passe figure dans des listes que les voleurs utilisent. Veuillez en choisir un autre.

problem-password_own_data-title = Le mot de passe est votre nom ou votre adresse
problem-password_own_data-meaning = Un mot de passe ne doit pas être l’adresse du compte, une partie de celle-ci, ni le nom du client.
problem-password_own_data-cause = Le plus facile à saisir.
problem-password_own_data-client = Dites pourquoi, et laissez la personne en choisir un autre.
problem-password_own_data-customer = Votre nom ou votre adresse se devine facilement. Veuillez choisir un autre mot de passe.

problem-password_repetition-title = Le mot de passe répète un court motif
problem-password_repetition-meaning = Un court motif répété se devine aussi vite que le motif.
problem-password_repetition-cause = Un mot de passe rempli jusqu’au minimum.
problem-password_repetition-client = Dites pourquoi, et laissez la personne en choisir un autre.
problem-password_repetition-customer = Ce mot de passe répète les mêmes caractères. Veuillez en choisir un autre.

problem-password_unchanged-title = Le nouveau mot de passe est l’ancien
problem-password_unchanged-meaning = Le nouveau mot de passe est celui qui est en vigueur.
problem-password_unchanged-cause = Le même mot de passe saisi deux fois.
problem-password_unchanged-client = Laissez la personne en choisir un autre.
problem-password_unchanged-customer = C’est déjà votre mot de passe. Veuillez en choisir un autre.

problem-emails_mismatch-title = Les deux adresses diffèrent
problem-emails_mismatch-meaning = La nouvelle adresse est saisie deux fois, et les deux ne sont pas identiques.
problem-emails_mismatch-cause = Une faute de frappe dans l’une d’elles.
problem-emails_mismatch-client = Laissez la personne les comparer.
problem-emails_mismatch-customer = Les deux adresses ne sont pas identiques. Veuillez vérifier les deux.

problem-email_undeliverable-title = L’adresse ne peut pas recevoir d’e-mails
problem-email_undeliverable-meaning = Le texte n’est pas une adresse, ou son domaine n’accepte pas d’e-mails.
problem-email_undeliverable-cause = Une faute de frappe dans le domaine.
problem-email_undeliverable-client = Si le membre suggestion est présent, demandez si c’est ce qui était voulu.
problem-email_undeliverable-customer = Cette adresse ne peut pas recevoir d’e-mails. Veuillez la vérifier.

problem-email_unchanged-title = C’est l’adresse en vigueur
problem-email_unchanged-meaning = La nouvelle adresse est l’adresse actuelle, peut-être écrite autrement.
problem-email_unchanged-cause = Le champ a été rempli par le navigateur.
problem-email_unchanged-client = Laissez la personne saisir la nouvelle adresse.
problem-email_unchanged-customer = C’est déjà votre adresse. Veuillez saisir la nouvelle.

problem-precondition_required-title = Précisez la version visée
problem-precondition_required-meaning = Modifier des données partagées demande l’en-tête If-Match, afin que personne n’écrase ce qu’un autre a écrit.
problem-precondition_required-cause = Un client qui n’a pas été écrit pour cela.
problem-precondition_required-client = Envoyez l’ETag de la dernière lecture dans If-Match.
problem-precondition_required-customer = Envoyez l’ETag de la dernière lecture dans l’en-tête If-Match.

problem-too_many_requests-title = Trop d’essais pour le moment
problem-too_many_requests-meaning = Plus d’essais que permis dans ce laps de temps. Ils sont comptés, qu’il y ait un compte ou non.
problem-too_many_requests-cause = Des fautes de frappe répétées, un programme en boucle, ou quelqu’un qui devine.
problem-too_many_requests-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-too_many_requests-customer = Trop d’essais pour le moment. Veuillez patienter un peu et réessayer.

problem-email_change_quota-title = Trop de changements d’adresse aujourd’hui
problem-email_change_quota-meaning = Un compte peut demander quelques changements d’adresse par jour.
problem-email_change_quota-cause = Plusieurs adresses essayées l’une après l’autre.
problem-email_change_quota-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-email_change_quota-customer = Vous avez demandé plusieurs changements d’adresse aujourd’hui. Veuillez réessayer plus tard.

problem-resend_too_soon-title = Un e-mail vient d’être envoyé
problem-resend_too_soon-meaning = Entre deux e-mails s’écoule au moins une minute.
problem-resend_too_soon-cause = Un clic impatient.
problem-resend_too_soon-client = Attendez le délai indiqué par Retry-After. Affichez l’heure.
problem-resend_too_soon-customer = Nous venons de vous envoyer un e-mail. Cela peut prendre quelques minutes, et regardez aussi dans les indésirables.

problem-resend_limit-title = Plus d’e-mails pour ce changement
problem-resend_limit-meaning = Un changement d’adresse donne lieu à six e-mails au plus.
problem-resend_limit-cause = Les e-mails n’arrivent pas, sans doute parce que l’adresse contient une faute de frappe.
problem-resend_limit-client = Affichez l’adresse, et proposez de recommencer.
problem-resend_limit-customer = Nous avons envoyé plusieurs e-mails à cette adresse. Veuillez vérifier l’adresse, ou commencer un nouveau changement.

problem-internal-title = Une erreur est survenue de notre côté
problem-internal-meaning = Le serveur a rencontré une erreur qui lui est propre. Ce qui était demandé a peut-être eu lieu, ou non.
problem-internal-cause = Une erreur dans le programme.
problem-internal-client = Renvoyez la requête avec la même Idempotency-Key. Signalez l’identifiant de la requête si cela persiste.
problem-internal-customer = Une erreur est survenue de notre côté. Veuillez réessayer plus tard.

problem-timeout-title = La réponse a mis trop de temps
problem-timeout-meaning = La requête n’a pas été achevée à temps. Ce qui était demandé a peut-être eu lieu, ou non.
problem-timeout-cause = Un serveur chargé.
problem-timeout-client = Renvoyez la requête avec la même Idempotency-Key.
problem-timeout-customer = Cela a pris trop de temps. Veuillez réessayer dans un instant.

problem-contended-title = D’autres ont été plus rapides
problem-contended-meaning = Les mêmes données ont été modifiées au même moment, à plusieurs reprises. Rien n’a été fait.
problem-contended-cause = Beaucoup de requêtes simultanées pour un même compte.
problem-contended-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-contended-customer = Veuillez réessayer dans un instant.

problem-overloaded-title = Trop de travail en même temps
problem-overloaded-meaning = Le serveur a plus de travail qu’il ne peut en faire, et ne le met pas en attente sans fin. Rien n’a été fait.
problem-overloaded-cause = Beaucoup de connexions en même temps.
problem-overloaded-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-overloaded-customer = Beaucoup de personnes se connectent en ce moment. Veuillez réessayer dans un instant.

problem-outage-title = Une partie du service est indisponible
problem-outage-meaning = La base de données, le coffre ou une autre partie n’a pas répondu.
problem-outage-cause = Une maintenance, ou une panne en cours d’examen.
problem-outage-client = Attendez le délai indiqué par Retry-After, puis renvoyez la même requête.
problem-outage-customer = Nous ne pouvons pas le faire pour le moment. Veuillez réessayer dans quelques minutes.

## Hints: what the form of one request has to do with its refusal, for whoever wrote the program that sent it

hint-no_path = Aucune route n’a ce chemin. L’API se trouve sous /v1, sa documentation sous /docs et /openapi.json.
hint-no_credential = La requête est arrivée sans session. Envoyez l’en-tête Authorization avec le mot Bearer, une espace et le jeton d’une connexion, ou le cookie de session.
hint-authorization_form = L’en-tête Authorization doit figurer une seule fois et contenir le mot Bearer, une espace et le jeton d’une session. Aucun autre schéma n’est accepté.
hint-session_token_form = Le jeton Bearer n’a pas la forme d’un jeton de session, qui est { $expected }_ suivi de 43 caractères. Il est peut-être tronqué, ou sert à autre chose.
hint-no_session = Aucune session en cours ne va avec ce jeton Bearer. Les sessions créées pour un cookie ne sont pas acceptées ici.
hint-no_session_needed = Aucune session en cours ne va avec l’en-tête Authorization, et cette opération n’en demande pas. Envoyez la requête sans cet en-tête, surtout pour une connexion, ou avec le jeton d’une session en cours.
hint-dead_cookie = Aucune session en cours ne va avec ce cookie, et la réponse le retire. Les sessions créées pour un jeton Bearer ne sont pas acceptées ici.
hint-csrf_missing = La session est arrivée dans un cookie, et l’en-tête X-CSRF-Token manque. Sa valeur est le csrf_token de GET /v1/session.
hint-csrf_wrong = La valeur de l’en-tête X-CSRF-Token n’est pas celle de la session du cookie. Relisez csrf_token dans GET /v1/session.
hint-csrf_origin = Le navigateur ne dit pas qu’une page de cette origine a envoyé la requête : ni Sec-Fetch-Site ni Origin ne l’indique. Les programmes qui ne sont pas des navigateurs utilisent un jeton Bearer.
hint-link_token_form = Le jeton n’a pas la forme attendue par cette opération, qui est { $expected }_ suivi de 43 caractères, c’est-à-dire tout ce qui suit le signe # du lien. Il est peut-être tronqué.
hint-link_token_of_other = Le jeton a la forme de celui d’une autre opération. Celui de cette opération commence par { $expected }_.

## The pages of problems

problems-page-title = Problèmes de l’API
problems-page-intro = Tout refus de l’API est un problème (RFC 9457) qui porte un de ces codes. Un code publié garde son sens.
problem-page-status = avec le statut HTTP
problem-page-meaning = Signification
problem-page-cause = Cause habituelle
problem-page-client = Ce que fait le programme appelant
problem-page-customer = Ce que dit la réponse (detail)
problem-page-actions = Ce que la personne peut faire (next_actions)
problem-page-no-actions = Rien n’est nommé : la requête est à corriger.
problem-page-example = Un exemple
problem-page-all = Tous les problèmes
page-this-language = Français

## What the next actions of a problem mean, on its page

next-action-sign_in = Se connecter, avec POST /v1/sessions.
next-action-reauthenticate = Prouver de nouveau le mot de passe, avec POST /v1/session/reauthentication.
next-action-resend_verification = Redemander l’e-mail de vérification, avec POST /v1/verifications/resend, ou une fois connecté avec POST /v1/me/email/verification.
next-action-resend_email_change = Redemander l’e-mail du changement en attente, avec POST /v1/me/email/change/resend.
next-action-request_email_change = Commencer un nouveau changement d’adresse, avec POST /v1/me/email/change.
next-action-sign_out_and_register = Se déconnecter, puis s’inscrire avec la nouvelle adresse.
next-action-check_old_mailbox = Ouvrez le message dans la boîte de votre adresse actuelle, et donnez votre accord.
next-action-choose_account = Choisir avec lequel des deux comptes continuer.
next-action-register = S’inscrire, avec POST /v1/registrations.
next-action-prove_second_factor = Prouver le second facteur, avec un code de l’application ou un code de secours.
next-action-check_mailbox = Ouvrir l’e-mail envoyé à l’adresse en vigueur, et envoyer son jeton.
next-action-enrol_again = Recommencer avec l’application d’authentification, avec POST /v1/me/second-factors/totp.
next-action-reset_password = Faire choisir un nouveau mot de passe par e-mail, avec POST /v1/password-resets.
next-action-check_security = Passer en revue ce qui protège le compte, avec GET /v1/me/security-checkup.
next-action-change_password = Changer le mot de passe, avec POST /v1/me/password.
next-action-review_email_change = Regarder le changement d’adresse en attente, avec GET /v1/me/email : le confirmer ou l’arrêter.
next-action-review_sessions = Passer en revue les sessions, avec GET /v1/sessions, et fermer celles qui ne sont pas les siennes.
next-action-wait = Attendre le délai indiqué par Retry-After.
next-action-contact_shop = Écrire à la boutique.

## The page at the root

root-page-title = Rightful, le service de comptes
root-page-what = Ce serveur tient les comptes de clients et les garde à leurs titulaires légitimes. C’est une API pour des programmes ; les personnes la rencontrent par les pages de leur boutique.
root-page-api = L’API se trouve sous
root-page-documentation = toutes les opérations, à essayer à la main
root-page-openapi = le document OpenAPI
root-page-problems = toutes les sortes de refus, expliquées
root-page-health = l’état du serveur
root-page-inbox = les e-mails de ce serveur de développement

## La page d’un chemin qui n’existe pas, pour un navigateur

not-found-page-title = Il n’y a rien ici
not-found-page-what = Aucune page de ce serveur n’a cette adresse. Si un lien d’un e-mail vous a conduit ici, copiez-le en entier depuis l’e-mail, ou écrivez à la boutique qui l’a envoyé.
not-found-page-root = ce qu’est ce serveur

## The pages that links of letters lead to when the shop has none of its own

link-page-verify-title = Vérifiez votre adresse e-mail
link-page-verify-what = Vous avez suivi un lien qui vérifie l’adresse e-mail d’un nouveau compte.
link-page-verify-shop = Ce lien s’accomplit avec POST /v1/verifications, avec son jeton et le mot de passe que choisit le client.
link-page-confirm-email-change-title = Confirmez votre nouvelle adresse e-mail
link-page-confirm-email-change-what = Vous avez suivi un lien qui confirme une nouvelle adresse e-mail pour votre compte.
link-page-confirm-email-change-shop = Ce lien s’accomplit avec POST /v1/email-changes/confirm, avec son jeton, dans une session du compte ou avec son mot de passe.
link-page-approve-email-change-title = Accepter une nouvelle adresse e-mail
link-page-approve-email-change-what = Vous avez suivi un lien qui accepte une nouvelle adresse e-mail pour votre compte.
link-page-approve-email-change-shop = Ce lien s’accomplit avec POST /v1/email-changes/approve, avec son jeton.
link-page-reset-password-title = Choisir un nouveau mot de passe
link-page-reset-password-what = Vous avez suivi un lien qui définit un nouveau mot de passe pour votre compte.
link-page-reset-password-shop = Ce lien s’accomplit avec POST /v1/password-resets/complete, avec son jeton et le mot de passe que choisit le client. Il ne connecte personne.
link-page-dispute-email-change-title = Ce changement n’est pas le vôtre
link-page-dispute-email-change-what = Vous avez suivi un lien qui arrête un changement de votre adresse e-mail, ou l’annule.
link-page-dispute-email-change-shop = Ce lien s’accomplit avec POST /v1/email-changes/dispute, avec son jeton. Avec le mot de passe en vigueur auparavant et un nouveau, l’ancienne adresse est rétablie.
link-page-bind-second-factor-title = Confirmer la deuxième étape
link-page-bind-second-factor-what = Vous avez suivi un lien qui ajoute une deuxième étape à la connexion à votre compte.
link-page-bind-second-factor-shop = Ce lien s’accomplit avec POST /v1/me/second-factors/ID/bind dans la session qui a commencé, avec son jeton et un code de l’application.
link-page-nothing-changed = L’ouverture de cette page n’a rien modifié.
link-page-next = La boutique qui vous a envoyé l’e-mail n’a pas encore de page pour cette étape. Veuillez lui écrire et gardez l’e-mail, car son lien fonctionne toujours.
link-page-contact = Vous pouvez la joindre ici :
link-page-shop-title = Pour la boutique
link-page-shop-fragment = Le jeton suit le signe # du lien, là où aucun serveur ni journal ne le voit. Configurez mail.link_base, l’adresse sous laquelle des pages de la boutique prennent les liens des e-mails. Une telle page y prend le jeton et l’envoie quand le client appuie sur un bouton.
link-page-shop-default = Cette page s’affiche parce que mail.link_base n’est pas configuré : les liens mènent à ce serveur même.
link-page-dev-title = Sur ce serveur de développement
link-page-dev-verify = Accomplissez-le dans un terminal. À la place de TOKEN, écrivez ce qui suit le signe # du lien de l’e-mail ; le mot de passe est celui que le compte aura désormais.
link-page-dev-confirm-email-change = Accomplissez-le dans un terminal. À la place de TOKEN, écrivez ce qui suit le signe # du lien de l’e-mail ; à la place de PASSWORD, le mot de passe du compte.
link-page-dev-approve-email-change = Accomplissez-le dans un terminal. À la place de TOKEN, écrivez ce qui suit le signe # du lien dans l’e-mail. Le changement n’attend alors plus que la nouvelle adresse.
link-page-dev-reset-password = Accomplissez-le dans un terminal. À la place de TOKEN, écrivez ce qui suit le signe # du lien de l’e-mail ; le mot de passe est celui que le compte aura désormais.
link-page-dev-dispute-email-change = Accomplissez-le dans un terminal. À la place de TOKEN, écrivez ce qui suit le signe # du lien de l’e-mail. Cela arrête le changement et tout ce qui est sensible ; avec password et new_password à côté du jeton, l’ancienne adresse revient.
link-page-dev-bind-second-factor = Accomplissez-le dans un terminal, avec la session qui a commencé dans Authorization. À la place de TOKEN, écrivez ce qui suit le signe # du lien de l’e-mail ; ID est ce que le début a indiqué, CODE ce que montre l’application.

## What the link in a shop’s navigation reads (R-020)

session-label-signed-out = Se connecter
session-label-signed-in = Compte
