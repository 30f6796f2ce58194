use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account: Uuid,
    pub old_email: String,
    pub new_email: String,
    pub state: String,
    pub state_at: Option<i64>,
    pub epoch: i64,
    pub password_then: String,
    pub passwords_before: Option<String>,
    pub approval: String,
    pub approved_at: Option<i64>,
    pub requested_at: i64,
    pub deadline: i64,
    pub letters: i64,
    pub last_letter_at: i64,
    pub disputed_at: Option<i64>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
