"""E-mail templates: list, generate an e-mail from one."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.messages import GeneratedEmail
from connector.deskdirector.entities.service import Choices
from connector.operations.field_model import IMPORTANT, DynamicSchema
from connector.operations.fields import Content, EmailTemplateRef, Input
from connector.operations.operation import action, lookup, support
from connector.resolving.dynamic_schemas import SchemaAnswer, tenant_schema
from connector.resolving.lookup_cache import as_choices, listed
from connector.resolving.references import resolve

Template = Annotated[EmailTemplateRef, IMPORTANT, Field(description="The e-mail template, by name or id.")]


class TemplateValues(Input):
    """What a template is filled with."""

    values: Annotated[Content, DynamicSchema("GetEmailTemplateSchema", (("emailTemplate", "emailTemplate"),))] = Field(
        default_factory=dict, description="A value for each token of the template."
    )


@lookup("ListEmailTemplates", "GET", "lookups/email-templates")
async def list_email_templates(dd: DeskDirector) -> Choices:
    """List the e-mail templates with their ids."""
    return as_choices(await listed(dd, api.LIST_EMAIL_TEMPLATES, pages=True))


@action("GenerateEmailFromTemplate", "POST", "email-templates/render")
async def generate_email_from_template(
    dd: DeskDirector, email_template: Template, tokens: TemplateValues
) -> GeneratedEmail:
    """Generate the subject and the HTML body of an e-mail from a template and values for its tokens.

    It sends nothing: give the result to an action that sends e-mail. Which tokens a template has depends on the
    template.
    """
    template = await resolve(dd, "e-mail template", email_template)
    path = {"emailTemplateId": template}
    email = await dd.fetch(api.GENERATE_EMAIL_FROM_TEMPLATE, GeneratedEmail, path=path, body=tokens.values)
    email.template_id = str(template)
    return email


@support("GetEmailTemplateSchema", "GET", "schemas/email-template")
async def get_email_template_schema(dd: DeskDirector, email_template: Template) -> SchemaAnswer:
    """Get the schema of the values that an e-mail template takes."""
    path = {"emailTemplateId": await resolve(dd, "e-mail template", email_template)}
    return await tenant_schema(dd, api.GET_EMAIL_TEMPLATE_PROPERTIES2, api.GET_EMAIL_TEMPLATE_PROPERTIES, path=path)
